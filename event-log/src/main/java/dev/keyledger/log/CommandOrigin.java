package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;

/**
 * The origin of a command. The log records it with each event that the command causes.
 *
 * @param actor the sender of the command
 * @param requestId the request that carried it
 * @param context information about the command that may be personal data
 */
public record CommandOrigin(Actor actor, String requestId, EventContext context) {}
