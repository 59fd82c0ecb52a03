package dev.keyledger.delivery;

import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookChanged;
import dev.keyledger.events.WebhookCreated;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events that a webhook subscribes to.
 *
 * @param types see {@link WebhookCreated}
 * @param owner see {@link WebhookCreated}
 */
record Subscription(
    String webhookId, boolean enabled, @Nullable List<String> types, @Nullable Owner owner) {

  static Subscription of(WebhookCreated event) {
    return new Subscription(event.webhookId(), true, event.types(), event.owner());
  }

  Subscription changed(WebhookChanged event) {
    return new Subscription(webhookId, enabled, event.types(), event.owner());
  }

  Subscription enabled(boolean changed) {
    return new Subscription(webhookId, changed, types, owner);
  }

  /**
   * Returns whether the webhook receives an event.
   *
   * @param of the owner of the event's key after the event; null: the event is of a workspace
   */
  boolean wants(String type, @Nullable Owner of) {
    return enabled
        && (types == null || types.contains(type))
        && (owner == null || owner.equals(of));
  }
}
