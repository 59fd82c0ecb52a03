package dev.keyledger.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event for a webhook, and the state of its delivery.
 *
 * @param number its number in the order of creation, for cursors
 * @param keyId the key of the event; null: an event of the workspace, or a test
 * @param position the position of the event; null: a test
 * @param attempts the number of attempts so far
 * @param nextAttemptAt null if none is planned: the delivery is done, in progress, or waits for an
 *     earlier one
 * @param responseStatus the status of the last response; null: there was none
 * @param responseBody the beginning of that response's body; null: there was none
 */
public record Delivery(
    long number,
    String deliveryId,
    String type,
    @Nullable String keyId,
    @Nullable Long position,
    DeliveryStatus status,
    int attempts,
    @Nullable Instant nextAttemptAt,
    @Nullable Integer responseStatus,
    @Nullable String responseBody,
    Instant createdAt) {
  /** The type of a test, which is no event. */
  public static final String TEST = "WebhookTest";
}
