package dev.keyledger.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook got another address or another filter. The fields have the new values.
 *
 * @param types as in {@link WebhookCreated}
 * @param owner as in {@link WebhookCreated}
 * @param target as in {@link WebhookCreated}
 */
@WireType(name = "WebhookChanged", version = 1)
public record WebhookChanged(
    String webhookId, @Nullable List<String> types, @Nullable Owner owner, String target)
    implements WebhookEvent {
  public WebhookChanged {
    types = types == null ? null : List.copyOf(types);
  }
}
