package dev.keyledger.log;

import java.time.Instant;
import java.util.UUID;

/**
 * Where the log ends.
 *
 * @param storeId which log it is, given once when its tables were made
 * @param incarnation how often a backup of it was declared the log from now on, 1 or more
 * @param position the position of the last event, 0 if there is none
 * @param time the log's time: that of the last event, or when the log was made
 */
public record Head(UUID storeId, int incarnation, long position, Instant time) {}
