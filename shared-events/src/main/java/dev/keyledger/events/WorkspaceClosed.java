package dev.keyledger.events;

/** A workspace was closed: from now on none of its keys is known to verification. */
public record WorkspaceClosed() implements WorkspaceEvent {}
