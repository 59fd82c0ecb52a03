package dev.keyledger.events;

/** A workspace was closed: from now on none of its keys is known to verification. */
@WireType(name = "WorkspaceClosed", version = 1)
public record WorkspaceClosed() implements WorkspaceEvent {}
