package dev.keyledger.lifecycle.http;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookDisabledReason;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.events.WebhookView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A webhook as the API shows it; absent values are left out. */
record WebhookResource(
    String webhookId,
    WebhookKind kind,
    @Nullable String url,
    @Nullable String address,
    @Nullable List<String> types,
    @Nullable Owner owner,
    boolean enabled,
    @Nullable WebhookDisabledReason disabledReason,
    @Nullable String publicKey,
    @Nullable Instant overlapEndsAt,
    Instant createdAt) {

  /**
   * Returns a webhook as of a time.
   *
   * @param target its URL or its address; null: unknown
   * @param publicKey null: none
   */
  static WebhookResource of(
      WebhookView webhook, @Nullable String target, @Nullable String publicKey, Instant now) {
    boolean byMail = webhook.kind() == WebhookKind.EMAIL;
    return new WebhookResource(
        webhook.webhookId(),
        webhook.kind(),
        byMail ? null : target,
        byMail ? target : null,
        webhook.types(),
        webhook.owner(),
        webhook.isEnabled(),
        webhook.disabledReason(),
        publicKey,
        webhook.overlapEndsAfter(now),
        webhook.createdAt());
  }

  /** A webhook with its new secret, for the caller only. */
  @JsonPropertyOrder({"webhook", "secret"})
  record WithSecret(@JsonUnwrapped WebhookResource webhook, String secret) {
    /** Returns a text without the secret. */
    @Override
    public String toString() {
      return "WithSecret[webhook=" + webhook + ", secret=redacted]";
    }
  }
}
