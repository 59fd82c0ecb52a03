package dev.keyledger.events;

/**
 * A workspace got another policy; it acts on later commands only.
 *
 * @param policy the whole policy in force from now on
 */
public record PolicyChanged(WorkspacePolicy policy) implements WorkspaceEvent {}
