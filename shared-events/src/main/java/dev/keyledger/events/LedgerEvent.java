package dev.keyledger.events;

/**
 * A fact that the ledger records, for ever: its fields never change their meaning, new fields are
 * optional, and a new meaning is a new event.
 */
public sealed interface LedgerEvent permits KeyEvent, WorkspaceEvent {}
