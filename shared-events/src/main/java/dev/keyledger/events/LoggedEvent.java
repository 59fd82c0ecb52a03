package dev.keyledger.events;

import java.time.Instant;

/**
 * An event with what the log says of it.
 *
 * @param position its place in the log, 1 or more, without holes, in commit order
 * @param stream the aggregate that it belongs to
 * @param sequence its place within the stream, 0 or more, without holes
 * @param workspace the tenant
 * @param time the log's time, which never runs backwards, in microseconds
 * @param actor who caused it
 * @param requestId the request that caused it
 * @param event the fact
 * @param context what was said about it, unless erased
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
    EventContext context) {}
