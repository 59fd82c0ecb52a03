package dev.keyledger.events;

/**
 * A workspace began.
 *
 * @param policy the policy in force from the start
 */
public record WorkspaceCreated(WorkspacePolicy policy) implements WorkspaceEvent {}
