package dev.keyledger.events;

/**
 * A workspace was opened.
 *
 * @param policy the initial policy
 */
@WireType(name = "WorkspaceOpened", version = 1)
public record WorkspaceOpened(WorkspacePolicy policy) implements WorkspaceEvent {}
