package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;

/**
 * Where a command comes from. The log records it beside each event that the command causes.
 *
 * @param actor who sent the command
 * @param requestId the request that it came with
 * @param context what was said about it
 */
public record CommandOrigin(Actor actor, String requestId, EventContext context) {}
