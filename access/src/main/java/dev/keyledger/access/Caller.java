package dev.keyledger.access;

import dev.keyledger.events.Actor;

/**
 * Who sends a request, in the workspace that it acts in.
 *
 * @param actor how the ledger names them
 * @param workspace the workspace of everything that the request touches
 * @param ceiling what they may put on keys
 */
public record Caller(Actor actor, String workspace, Ceiling ceiling) {}
