package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import java.time.Instant;
import java.util.UUID;

/**
 * The event that was the last one applied when a snapshot was taken.
 *
 * @param storeId which log it is in
 * @param incarnation the log's, at that time
 * @param position of the event
 * @param time of the event, by the log's clock
 * @param leafHash of the event, by which another one at the same position is told from it
 */
public record SnapshotOrigin(
    UUID storeId, int incarnation, long position, Instant time, Digest leafHash) {}
