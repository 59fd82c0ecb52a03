package dev.keyledger.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event in the log, with its position, time and origin.
 *
 * @param position its position in the log, 1 or more, without gaps, in commit order
 * @param stream the aggregate that it belongs to
 * @param sequence its place within the stream, 0 or more, without gaps
 * @param workspace the tenant
 * @param time the log's time, which never decreases, in microseconds
 * @param actor the actor who caused it
 * @param requestId the request that caused it
 * @param event the fact
 * @param context information about the command that caused it; null if it was erased
 */
public record LoggedEvent(
    long position,
    StreamId stream,
    long sequence,
    String workspace,
    Instant time,
    Actor actor,
    String requestId,
    LedgerEvent event,
    @Nullable EventContext context) {}
