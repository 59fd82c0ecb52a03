package dev.keyledger.events;

/**
 * The policy of a workspace changed. It applies only to later commands.
 *
 * @param policy the complete new policy
 */
@WireType(name = "PolicyChanged", version = 1)
public record PolicyChanged(WorkspacePolicy policy) implements WorkspaceEvent {}
