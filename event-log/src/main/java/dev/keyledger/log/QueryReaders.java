package dev.keyledger.log;

import javax.sql.DataSource;

/**
 * The readers of the log for queries. They have their own connections: however many queries wait
 * for one, commands and the node itself do not.
 */
public record QueryReaders(LogReader log, LastUseTable lastUses) {
  /** The maximum number of connections; further queries wait. */
  static final int CONNECTIONS_MAX = 5;

  /** Opens the connections. They are closed with the database. */
  public static QueryReaders open(LedgerDatabase database, EventCodec codec) {
    DataSource connections = database.openPool("queries", CONNECTIONS_MAX);
    return new QueryReaders(new LogReader(connections, codec), new LastUseTable(connections));
  }
}
