package dev.keyledger.pointintime;

import java.time.Instant;

/**
 * A point in the log's past: after its events up to a position, at a time.
 *
 * @param position the position of the last event that counts; 0: none
 * @param time not before that event's time, and before the next event's
 */
public record PointInTime(long position, Instant time) {}
