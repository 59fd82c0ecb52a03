package dev.keyledger.log.receipts;

import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.supervision.SupervisedThread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of this node: a row that says that the node answers checks, and the position that it
 * has applied. Its own thread renews it and reports the position; all other methods are
 * thread-safe.
 *
 * <p>A strict node answers only while its lease is valid by this machine's monotonic clock. That
 * clock is read before the renewal is sent, so that the lease ends here before it can end in the
 * database. Once it has ended, no caller waits for this node. A new term therefore begins at the
 * head of the log, read after the lease was written; nothing is answered before that position is
 * applied. A node that is not strict answers from its first lease on.
 */
public final class NodeLease implements Lease, AutoCloseable {
  /**
   * The duration of a lease. A caller that waits for a dead node waits that long. A node that is
   * paused or disconnected for less continues as before.
   */
  public static final Duration LENGTH = Duration.ofSeconds(10);

  /** The interval between renewals. Three renewals in a row may fail. */
  public static final Duration HEARTBEAT = Duration.ofSeconds(2);

  /**
   * The age after which the row of a node that is gone is deleted. A node that is not strict may
   * answer for as long as the longest max-staleness, one hour; until then only its row shows that.
   */
  public static final Duration DELETED_AFTER = Duration.ofHours(2);

  /** The minimum time between reports of the position while a caller waits for it. */
  static final Duration REPORT_EVERY = Duration.ofMillis(10);

  /** The time for which a signal counts as a waiting caller. */
  static final Duration SIGNAL_LIFETIME = Duration.ofSeconds(2);

  private static final Duration LISTEN_MAX = Duration.ofMillis(200);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final Duration START_LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);

  private static final String RENEW =
      """
      INSERT INTO log.node_lease AS lease
        (instance, node, strict, incarnation, position, applied_at, renewed_at, lease_until)
      SELECT ?, ?, ?, incarnation, ?, now, now, now + make_interval(secs => %d)
      FROM log.log_head CROSS JOIN clock_timestamp() AS now
      WHERE store_id = ? AND incarnation = ?
      ON CONFLICT (instance) DO UPDATE SET
        position = excluded.position,
        applied_at = CASE WHEN excluded.position > lease.position
          THEN excluded.applied_at ELSE lease.applied_at END,
        renewed_at = excluded.renewed_at,
        lease_until = excluded.lease_until
      RETURNING xmax = 0
      """
          .formatted(LENGTH.toSeconds());

  /**
   * The report of the position. A report that is lost in a crash is repeated by the next renewal,
   * so that it need not be flushed.
   */
  private static final String REPORT =
      """
      UPDATE log.node_lease SET position = ?, applied_at = clock_timestamp()
      FROM set_config('synchronous_commit', 'off', true)
      WHERE instance = ?
      """;

  private static final String SAME_NAME =
      "SELECT count(*) FROM log.node_lease WHERE node = ? AND lease_until > clock_timestamp()";
  private static final String HEAD = "SELECT position FROM log.log_head";
  private static final String RELEASE = "DELETE FROM log.node_lease WHERE instance = ?";
  private static final String DELETE_OLD =
      "DELETE FROM log.node_lease WHERE lease_until < clock_timestamp() - make_interval(secs => "
          + DELETED_AFTER.toSeconds()
          + ")";

  /**
   * A period without a gap in which this node has a lease.
   *
   * @param endNanos its end, by the monotonic clock
   * @param from the position that must be applied before anything is answered
   */
  private record Term(long number, long endNanos, long from) {}

  /** The only term of a node that is not strict. */
  private static final Term ENDLESS = new Term(0, 0, 0);

  private final LedgerDatabase database;
  private final AppliedLog log;
  private final NodeName name;
  private final boolean strict;
  private final LongSupplier nanoClock;
  private final UUID instance = UUID.randomUUID();
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Term term;

  private long nextTerm;
  private long renewedNanos;
  private long reported;
  private long reportedNanos;
  private long awaited;
  private long signalledNanos;

  /**
   * Creates a lease; {@link #start} acquires it.
   *
   * @param strict whether nothing may be answered without it
   */
  public NodeLease(LedgerDatabase database, AppliedLog log, NodeName name, boolean strict) {
    this(database, log, name, strict, System::nanoTime);
  }

  NodeLease(
      LedgerDatabase database,
      AppliedLog log,
      NodeName name,
      boolean strict,
      LongSupplier nanoClock) {
    this.database = database;
    this.log = log;
    this.name = name;
    this.strict = strict;
    this.nanoClock = nanoClock;
    this.thread =
        SupervisedThread.unstarted("keyledger-lease", () -> closing.getCount() > 0, this::run);
  }

  /** Starts to acquire and renew the lease. Called once. */
  public void start() {
    thread.start();
  }

  @Override
  public long term() {
    Term now = term;
    return now == null || hasEnded(now) || log.position() < now.from ? NONE : now.number;
  }

  @Override
  public boolean runs(long number) {
    Term now = term;
    return now != null && now.number == number && !hasEnded(now);
  }

  private boolean hasEnded(Term one) {
    return strict && nanoClock.getAsLong() - one.endNanos >= 0;
  }

  /** Returns the operator's name for this node. */
  public NodeName name() {
    return name;
  }

  /** Returns the id of this run of the node. */
  public UUID instance() {
    return instance;
  }

  /** Stops answering and releases the lease. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("cannot release the lease; it expires after {}", LENGTH);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    term = null;
  }

  private void run() {
    while (isWanted()) {
      if (!log.caughtUpOnce()) {
        pause(START_LOOK_EVERY);
        continue;
      }
      try (Connection connection = database.openListeningToPrimary("lease")) {
        serve(connection);
      } catch (SQLException e) {
        LOG.warn("cannot renew the lease, retrying in {}: {}", RETRY_AFTER, e.getMessage());
        pause(RETRY_AFTER);
      }
    }
  }

  /**
   * Returns whether the lease is wanted. A node that no longer follows the log answers no checks;
   * its lease may expire.
   */
  private boolean isWanted() {
    return closing.getCount() > 0 && log.failure().isEmpty();
  }

  private void serve(Connection connection) throws SQLException {
    try (Statement listen = connection.createStatement()) {
      listen.execute("LISTEN " + Receipts.CHANNEL);
    }
    warnOfSameName(connection);
    renew(connection);
    while (isWanted()) {
      long now = nanoClock.getAsLong();
      long toHeartbeat = HEARTBEAT.toNanos() - (now - renewedNanos);
      long toReport = REPORT_EVERY.toNanos() - (now - reportedNanos);
      boolean waitedFor = awaited > reported && now - signalledNanos < SIGNAL_LIFETIME.toNanos();
      if (toHeartbeat <= 0) {
        renew(connection);
        deleteOld(connection);
      } else if (waitedFor && toReport <= 0) {
        log.await(awaited, REPORT_EVERY);
        report(connection);
        readSignals(connection, 0);
      } else {
        readSignals(connection, Math.min(waitedFor ? toReport : LISTEN_MAX.toNanos(), toHeartbeat));
      }
    }
    if (closing.getCount() == 0) {
      release(connection);
    }
  }

  private void readSignals(Connection connection, long nanosMax) throws SQLException {
    int millisMax =
        (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanosMax)); // 0 would wait forever
    PGNotification @Nullable [] received =
        connection.unwrap(PGConnection.class).getNotifications(millisMax);
    if (received != null) {
      for (PGNotification one : received) {
        awaited = Math.max(awaited, Long.parseLong(one.getParameter()));
        signalledNanos = nanoClock.getAsLong();
      }
    }
  }

  /**
   * Acquires or renews the lease.
   *
   * @throws SQLException also if the log is not the one that was opened
   */
  void renew(Connection connection) throws SQLException {
    long asked = nanoClock.getAsLong();
    long position = log.position();
    boolean isNew = write(connection, position);
    renewedNanos = asked;
    recordReport(position);
    if (!strict) {
      term = ENDLESS;
      return;
    }
    long end = asked + LENGTH.toNanos();
    Term held = term;
    // If it ended during the renewal, callers may have stopped waiting for this node.
    term =
        held == null || isNew || hasEnded(held)
            ? new Term(nextTerm++, end, headOf(connection))
            : new Term(held.number, end, held.from);
  }

  /** Writes the row; returns whether there was none. */
  private boolean write(Connection connection, long position) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RENEW)) {
      statement.setObject(1, instance);
      statement.setString(2, name.value());
      statement.setBoolean(3, strict);
      statement.setLong(4, position);
      statement.setObject(5, database.storeId());
      statement.setInt(6, database.incarnation());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("the log is not the one that this node started with; restart it");
        }
        return row.getBoolean(1);
      }
    }
  }

  private static long headOf(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(HEAD);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Reports the applied position if it has advanced since the last report. */
  void report(Connection connection) throws SQLException {
    long position = log.position();
    if (position > reported) {
      try (PreparedStatement statement = connection.prepareStatement(REPORT)) {
        statement.setLong(1, position);
        statement.setObject(2, instance);
        statement.executeUpdate();
      }
      recordReport(position);
    }
  }

  private void recordReport(long position) {
    reported = position;
    reportedNanos = nanoClock.getAsLong();
  }

  private void warnOfSameName(Connection connection) throws SQLException {
    if (term != null) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(SAME_NAME)) {
      statement.setString(1, name.value());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getLong(1) > 0) {
          LOG.warn(
              "another node named {} has a lease: either one that was killed less than {} ago,"
                  + " or two nodes share KEYLEDGER_NODE_NAME; instance ids distinguish them",
              name,
              LENGTH);
        }
      }
    }
  }

  static void deleteOld(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(DELETE_OLD);
    }
  }

  private void release(Connection connection) throws SQLException {
    term = null;
    try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
      statement.setObject(1, instance);
      statement.executeUpdate();
    }
  }

  private void pause(Duration time) {
    try {
      var _ = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      throw new IllegalStateException("the lease's thread was interrupted unexpectedly");
    }
  }
}
