package dev.keyledger.access;

import dev.keyledger.events.Actor;

/**
 * The sender of a request, in the workspace of the request.
 *
 * @param actor the sender as the ledger records it
 * @param workspace the workspace of everything that the request touches
 * @param ceiling the most that the sender may put on keys
 */
public record Caller(Actor actor, String workspace, Ceiling ceiling) {}
