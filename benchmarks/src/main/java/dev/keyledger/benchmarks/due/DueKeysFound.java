package dev.keyledger.benchmarks.due;

import dev.keyledger.benchmarks.commands.CpuTime;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import dev.keyledger.lifecycle.due.DueKey;
import dev.keyledger.lifecycle.due.DueKeyTable;
import dev.keyledger.lifecycle.due.DueSweep;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogTail;
import dev.keyledger.node.DatabaseProperties;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Fills the list of due times in {@code KEYLEDGER_DATABASE_URL}, and prints the CPU time that
 * PostgreSQL takes to find the due keys and to postpone them. Ends with an error if finding them
 * takes more than {@link #FIND_MAX}.
 */
public final class DueKeysFound {
  /** The maximum CPU time of PostgreSQL for finding the due keys. */
  static final Duration FIND_MAX = Duration.ofSeconds(1);

  private static final int DUE = 10_000;

  private DueKeysFound() {}

  /**
   * @param arguments the number of keys, at least ten thousand
   */
  public static void main(String[] arguments) throws SQLException {
    long keys = Long.parseLong(arguments[0]);
    try (LedgerDatabase database = LedgerDatabase.open(DatabaseProperties.primaryOfProcess());
        Connection connection = database.openAsOwner("benchmark")) {
      database.migrate(DueKeyTable.SCHEMA, DueKeyTable.MIGRATIONS);
      long postmaster;
      try (Statement statement = connection.createStatement()) {
        statement.execute(filling(keys));
        statement.execute("VACUUM ANALYZE schedule.key_due");
        statement.execute("CHECKPOINT");
        try (ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
          row.next();
          postmaster = CpuTime.parentOf(row.getLong(1));
        }
      }
      var table =
          new DueKeyTable(
              database.openPool("due", 1), new LogTail(database, new EventCodec(), 0, _ -> {}));
      Instant now = InstantSource.system().instant();
      long find = 0;
      long move = 0;
      var found = new ArrayList<DueKey>();
      while (true) {
        CpuTime start = CpuTime.now(postmaster);
        List<DueKey> due = table.due(now, DueSweep.KEYS_AT_ONCE, Set.of());
        CpuTime then = CpuTime.now(postmaster);
        find += then.since(start).postgresNanos();
        if (due.isEmpty()) {
          break;
        }
        found.addAll(due);
        table.move(due, due.stream().map(DueKeysFound::inAYear).toList());
        move += CpuTime.now(postmaster).since(then).postgresNanos();
      }
      System.out.printf(
          "found %,d due keys among %,d: %.2f s of CPU of PostgreSQL, and %.2f s to move them on%n",
          found.size(), keys, find / 1e9, move / 1e9);
      if (found.size() != DUE || find > FIND_MAX.toNanos()) {
        throw new IllegalStateException("not all were found, or not within " + FIND_MAX);
      }
    }
  }

  /**
   * Returns the statement that spreads due keys among the others, which are due within the next
   * year.
   */
  private static String filling(long keys) {
    return """
    INSERT INTO schedule.key_due (key_id, workspace, due_micros, position)
    SELECT 'key_' || lpad(to_hex(n), 26, '0'), 'default',
      (extract(epoch FROM now()) * 1000000)::bigint
        + CASE WHEN n %% %2$d = 0 THEN -1000000 ELSE 60000000 + n * (31536000000000 / %1$d) END, n
    FROM generate_series(1, %1$d) n
    """
        .formatted(keys, keys / DUE);
  }

  private static ExaminedKey inAYear(DueKey key) {
    return new ExaminedKey(
        key.keyId(), key.dueAt().plus(Duration.ofDays(365)), null, Long.MAX_VALUE);
  }
}
