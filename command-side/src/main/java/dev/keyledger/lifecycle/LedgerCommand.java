package dev.keyledger.lifecycle;

/**
 * An order to the ledger: about one key, many keys or a workspace. It is one message on the command
 * bus, is handled in one unit of work, and ends in one append. It holds the whole input of a
 * decision besides the state in the log. It never holds a secret.
 *
 * @param <D> the type of the decision
 */
public interface LedgerCommand<D extends CommandDecision> {
  /** The value of {@link #workspacesKnown} if no change of a workspace matters. */
  long ALL_WORKSPACES = Long.MAX_VALUE;

  /**
   * Returns the position of the last event of any workspace that the command takes into account. If
   * the log holds a later one, the command is sent again with a newer context.
   */
  long workspacesKnown();
}
