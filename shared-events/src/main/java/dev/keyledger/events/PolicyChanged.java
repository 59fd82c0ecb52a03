package dev.keyledger.events;

/**
 * A workspace got another policy; it acts on later commands only.
 *
 * @param policy the whole policy in force from now on
 */
@WireType(name = "PolicyChanged", version = 1)
public record PolicyChanged(WorkspacePolicy policy) implements WorkspaceEvent {}
