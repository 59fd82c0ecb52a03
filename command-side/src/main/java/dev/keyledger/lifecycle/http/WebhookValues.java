package dev.keyledger.lifecycle.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.delivery.SealedValues;
import dev.keyledger.delivery.webhook.SigningSecret;
import dev.keyledger.events.WebhookView;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of webhooks that the log does not hold.
 *
 * @param values the values by id
 */
record WebhookValues(Map<String, byte[]> values) {
  /** Returns the stored values of webhooks. */
  static WebhookValues of(Collection<WebhookView> webhooks, SealedValues sealed) {
    return new WebhookValues(
        sealed.find(
            webhooks.stream()
                .flatMap(webhook -> Stream.of(webhook.target(), webhook.secret()))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet())));
  }

  /** Returns the URL or the address; null if it is no longer stored. */
  @Nullable String targetOf(WebhookView webhook) {
    byte[] target = values.get(webhook.target());
    return target == null ? null : new String(target, UTF_8);
  }

  @Nullable String publicKeyOf(WebhookView webhook) {
    byte[] secret = webhook.secret() == null ? null : values.get(webhook.secret());
    return secret == null ? null : SigningSecret.parse(secret).publicKey();
  }

  WebhookResource resource(WebhookView webhook, Instant now) {
    return WebhookResource.of(webhook, targetOf(webhook), publicKeyOf(webhook), now);
  }
}
