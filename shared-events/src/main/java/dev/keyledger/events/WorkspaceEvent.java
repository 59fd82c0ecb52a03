package dev.keyledger.events;

/** A fact in the life of a workspace. The id of the event's stream is the workspace's name. */
public sealed interface WorkspaceEvent extends LedgerEvent
    permits WorkspaceOpened, PolicyChanged, WorkspaceClosed, WebhookEvent, ContextErased {}
