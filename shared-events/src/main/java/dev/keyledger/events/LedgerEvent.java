package dev.keyledger.events;

/**
 * A fact that the ledger records permanently. Its fields never change their meaning; new fields are
 * optional; a new meaning requires a new event.
 */
public sealed interface LedgerEvent permits KeyEvent, WorkspaceEvent {}
