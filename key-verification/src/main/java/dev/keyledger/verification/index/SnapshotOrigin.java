package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import java.time.Instant;
import java.util.UUID;

/**
 * The last event that had been applied when a snapshot was taken.
 *
 * @param storeId the id of its log
 * @param incarnation the log's incarnation at that time
 * @param position the event's position
 * @param time the event's time, by the log's clock
 * @param leafHash the event's hash, which distinguishes it from any other event at its position
 */
public record SnapshotOrigin(
    UUID storeId, int incarnation, long position, Instant time, Digest leafHash) {}
