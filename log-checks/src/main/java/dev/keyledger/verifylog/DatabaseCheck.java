package dev.keyledger.verifylog;

import static dev.keyledger.verifylog.Sha256.BYTES;

import dev.keyledger.verifylog.EventRows.Hashed;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks the log in a database, as one snapshot shows it.
 *
 * <p>One thread reads and puts the results together; others hash rows meanwhile.
 */
final class DatabaseCheck {
  private static final int ROWS_AT_ONCE = 512;

  /** The largest gap between positions beyond which leaves are still compared. */
  private static final long GAP_MAX = 1 << 20;

  private final Checkpoints checkpoints;
  private final Checkpoint given;
  private final VerificationReport report;
  private final Connection connection;
  private final CompactRange tree = new CompactRange();
  private boolean lost;
  private long lastPosition;
  private long erased;

  /**
   * Creates the check.
   *
   * @param connection to the database, in a transaction whose snapshot stays the same
   */
  DatabaseCheck(Checkpoints checkpoints, VerificationReport report, Connection connection) {
    this.checkpoints = checkpoints;
    this.given = checkpoints.given();
    this.report = report;
    this.connection = connection;
  }

  void run() throws SQLException {
    long head = head();
    checkpoints.watchedBy(tree);
    StoredCheckpoint latest = storedCheckpoint();
    if (latest != null) {
      tree.watch(latest.size);
    }
    readEvents();
    checkEnd(head);
    checkSequences();
    boolean proven = checkpoints.prove(tree, report);
    if (latest != null && !Arrays.equals(tree.rootAt(latest.size), latest.root)) {
      report.wrong(
          "the events do not give the root of the checkpoint that the database stores, of size %,d"
              .formatted(latest.size));
    }
    compareTree(proven);
    reportLimits();
  }

  /** Returns the position that the head of the log states. */
  private long head() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT store_id::text, incarnation::text, position FROM log.log_head")) {
      if (!row.next()) {
        throw new CannotCheckException("The database has no head of a log: log.log_head is empty.");
      }
      if (!row.getString(1).equals(given.storeId())
          || !row.getString(2).equals(given.incarnation())) {
        throw new CannotCheckException(
            "The database has another log than the checkpoint: store %s in incarnation %s, not store %s in incarnation %s."
                .formatted(
                    row.getString(1), row.getString(2), given.storeId(), given.incarnation()));
      }
      return row.getLong(3);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // nobody compares these records
  private record StoredCheckpoint(long size, byte[] root) {}

  private @Nullable StoredCheckpoint storedCheckpoint() throws SQLException {
    if (!exists("log.checkpoint")) {
      return null;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT size, root FROM log.checkpoint WHERE size >= 0")) {
      return row.next() ? new StoredCheckpoint(row.getLong(1), row.getBytes(2)) : null;
    }
  }

  private boolean exists(String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT to_regclass('%s') IS NOT NULL".formatted(table))) {
      return row.next() && row.getBoolean(1);
    }
  }

  private void readEvents() throws SQLException {
    var hashed = new OrderedTasks<Hashed>(this::take);
    CopiedRows rows = CopiedRows.of(connection, EventRows.copy(""));
    List<byte[]> part = new ArrayList<>(ROWS_AT_ONCE);
    for (byte[] row = rows.next(); row != null; row = rows.next()) {
      part.add(row);
      if (part.size() == ROWS_AT_ONCE) {
        List<byte[]> whole = part;
        hashed.submit(() -> new EventRows().hash(whole));
        part = new ArrayList<>(ROWS_AT_ONCE);
      }
    }
    List<byte[]> rest = part;
    hashed.submit(() -> new EventRows().hash(rest));
    hashed.finish();
  }

  private void take(Hashed rows) {
    for (int i = 0; i < rows.positions().length; i++) {
      long position = rows.positions()[i];
      if (position <= lastPosition) {
        report.wrong("there is an event at position %,d that no log has".formatted(position));
        continue;
      }
      if (position > lastPosition + 1) {
        report.wrong(
            "%s missing".formatted(VerificationReport.events(lastPosition + 1, position - 1)));
        bridge(position);
      }
      if (!lost) {
        tree.add(rows.hashes(), i * BYTES);
      }
      lastPosition = position;
    }
    rows.faults().forEach(report::wrong);
    erased += rows.erased();
  }

  /** Stands in for missing leaves, so that those behind them can be compared in their place. */
  private void bridge(long position) {
    lost |= position - tree.size() > GAP_MAX;
    while (!lost && tree.size() < position - 1) {
      tree.add(new byte[BYTES], 0);
    }
  }

  private void checkEnd(long head) {
    if (head != lastPosition) {
      report.wrong(
          "the last event is at position %,d, and the head of the log is %,d"
              .formatted(lastPosition, head));
    }
    if (lastPosition < given.size()) {
      report.wrong(
          "%s missing: the log ends before the checkpoint, of size %,d"
              .formatted(VerificationReport.events(lastPosition + 1, given.size()), given.size()));
    }
  }

  private void checkSequences() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT count(*), min(position) FROM (
                  SELECT position, sequence, row_number() OVER (
                    PARTITION BY stream_kind, stream_id ORDER BY position) - 1 AS expected
                  FROM log.event) AS event
                WHERE sequence <> expected\
                """)) {
      if (row.next() && row.getLong(1) > 0) {
        report.wrong(
            "the sequence within their stream is not the next one in %,d events, the first at position %,d"
                .formatted(row.getLong(1), row.getLong(2)));
      }
    }
  }

  private void compareTree(boolean proven) throws SQLException {
    if (!exists("log.tree_tile")) {
      report.notShown("the tree of hashes: the database stores none");
      if (!proven) {
        checkpoints.reportInterval(tree, report);
      }
      return;
    }
    StoredTree stored = StoredTree.read(connection, checkpoints);
    if (stored.fault() != null) {
      report.wrong("the tree that the database stores: " + stored.fault());
    }
    long size = stored.leaves().size();
    if (size < given.size()) {
      report.wrong(
          "the tree that the database stores has %,d leaves, and the checkpoint %,d"
              .formatted(size, given.size()));
    }
    if (size > lastPosition) {
      report.wrong(
          "the tree that the database stores has %,d leaves, and the log ends at event %,d"
              .formatted(size, lastPosition));
    }
    Difference difference = difference(stored.leaves());
    if (!proven && Checkpoints.gives(stored.leaves(), given)) {
      difference.report("is not the one that the checkpoint covers", report);
    } else if (!proven) {
      checkpoints.reportInterval(tree, report);
    } else {
      difference.report("is not the one in the tree that the database stores", report);
    }
  }

  /** The events whose leaf hashes are not those of the stored tree. */
  private static final class Difference {
    private long first;
    private long number;

    void add(long position) {
      first = number == 0 ? position : first;
      number++;
    }

    void report(String what, VerificationReport report) {
      if (number > 0) {
        report.wrong(
            "the event at position %,d %s%s"
                .formatted(
                    first,
                    what,
                    number == 1 ? "" : ", nor are %,d after it".formatted(number - 1)));
      }
    }
  }

  private Difference difference(CompactRange stored) throws SQLException {
    var difference = new Difference();
    byte[] here = tree.blockRoots();
    byte[] there = stored.blockRoots();
    long size = Math.min(tree.size(), stored.size());
    for (long block = 0; block * CompactRange.BLOCK < size; block++) {
      int at = (int) block * BYTES;
      int end = at + BYTES;
      if (end > here.length
          || end > there.length
          || !Arrays.equals(here, at, end, there, at, end)) {
        compare(block, size, difference);
      }
    }
    return difference;
  }

  /** Compares the leaves of a block one by one. */
  private void compare(long block, long size, Difference difference) throws SQLException {
    byte[] stored;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT hashes FROM log.tree_tile WHERE level = 0 AND index = " + block)) {
      stored = row.next() ? row.getBytes(1) : new byte[0];
    }
    long before = block * CompactRange.BLOCK;
    long last = Math.min(before + stored.length / BYTES, size);
    var events = new ArrayList<byte[]>(CompactRange.BLOCK);
    CopiedRows rows =
        CopiedRows.of(
            connection,
            EventRows.copy("WHERE position BETWEEN %d AND %d".formatted(before + 1, last)));
    for (byte[] row = rows.next(); row != null; row = rows.next()) {
      events.add(row);
    }
    Hashed hashed = new EventRows().hash(events);
    for (int i = 0; i < hashed.positions().length; i++) {
      int here = i * BYTES;
      int there = (int) (hashed.positions()[i] - before - 1) * BYTES;
      if (!Arrays.equals(hashed.hashes(), here, here + BYTES, stored, there, there + BYTES)) {
        difference.add(hashed.positions()[i]);
      }
    }
  }

  private void reportLimits() {
    if (erased > 0) {
      report.notShown(
          "the context (reason, ip, user agent) of %,d events: it is erased".formatted(erased));
    }
    if (lastPosition > given.size()) {
      report.notShown(
          "%s after the checkpoint: nothing is proven of them"
              .formatted(VerificationReport.events(given.size() + 1, lastPosition)));
    }
  }
}
