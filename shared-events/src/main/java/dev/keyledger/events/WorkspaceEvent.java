package dev.keyledger.events;

/** A fact in the life of a workspace; the workspace's name is the id of the event's stream. */
public sealed interface WorkspaceEvent extends LedgerEvent
    permits WorkspaceOpened, PolicyChanged, WorkspaceClosed {}
