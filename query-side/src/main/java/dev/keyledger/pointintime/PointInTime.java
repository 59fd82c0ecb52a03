package dev.keyledger.pointintime;

import java.time.Instant;

/**
 * A point of the log's past: after its events up to a position, at a time.
 *
 * @param position of the last event that counts; 0: none does
 * @param time not before that event's, and before the next one's
 */
public record PointInTime(long position, Instant time) {}
