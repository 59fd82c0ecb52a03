package dev.keyledger.events;

/** A workspace was closed: from now on, verification knows none of its keys. */
@WireType(name = "WorkspaceClosed", version = 1)
public record WorkspaceClosed() implements WorkspaceEvent {}
