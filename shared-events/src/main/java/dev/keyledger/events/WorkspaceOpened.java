package dev.keyledger.events;

/**
 * A workspace began.
 *
 * @param policy the policy in force from the start
 */
@WireType(name = "WorkspaceOpened", version = 1)
public record WorkspaceOpened(WorkspacePolicy policy) implements WorkspaceEvent {}
