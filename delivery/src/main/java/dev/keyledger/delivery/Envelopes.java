package dev.keyledger.delivery;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes the bodies of deliveries. They are the same in every attempt. Thread-safe. */
public interface Envelopes {
  /**
   * Returns the body with an event.
   *
   * @param owner the owner of the event's key after the event; null: the event is of a workspace
   */
  byte[] of(LoggedEvent event, @Nullable Owner owner);

  /** Returns the body of a test. */
  byte[] ofTest(String deliveryId, String webhookId, String workspace, Instant createdAt);
}
