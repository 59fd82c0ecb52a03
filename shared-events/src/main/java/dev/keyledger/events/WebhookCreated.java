package dev.keyledger.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook was created. It receives events after this one.
 *
 * @param types the wire names of the events to deliver; null: all
 * @param owner limits deliveries to events of this owner's keys; null: all events of the workspace
 * @param target the id under which the address is kept
 * @param secret the id under which the signing secret is kept; null: none
 */
@WireType(name = "WebhookCreated", version = 1)
public record WebhookCreated(
    String webhookId,
    WebhookKind kind,
    @Nullable List<String> types,
    @Nullable Owner owner,
    String target,
    @Nullable String secret)
    implements WebhookEvent {
  public WebhookCreated {
    types = types == null ? null : List.copyOf(types);
  }
}
