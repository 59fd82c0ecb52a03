package dev.keyledger.log;

import java.time.Instant;
import java.util.UUID;

/**
 * The end of the log.
 *
 * @param storeId identifies the log; assigned when its tables were created
 * @param incarnation 1 at first, incremented each time a backup was declared to be the log
 * @param position the position of the last event, 0 if there is none
 * @param time the log's time: that of the last event, or of the log's creation
 */
public record Head(UUID storeId, int incarnation, long position, Instant time) {}
