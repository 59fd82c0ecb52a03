package dev.keyledger.events;

/**
 * A workspace began.
 *
 * @param policy the policy in force from the start
 */
public record WorkspaceOpened(WorkspacePolicy policy) implements WorkspaceEvent {}
