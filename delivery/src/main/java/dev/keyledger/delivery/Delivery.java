package dev.keyledger.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way to a webhook.
 *
 * @param number its place in the order of creation, for cursors
 * @param keyId the key that the event is about; null: it is of the workspace, or a test
 * @param position the position of the event; null: it is a test
 * @param attempts how many attempts were made
 * @param nextAttemptAt null if none is planned: it is done, under way, or waits for an earlier one
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
