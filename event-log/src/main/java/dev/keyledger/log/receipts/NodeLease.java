package dev.keyledger.log.receipts;

import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.LedgerDatabase;
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
 * The lease of this node: a row that says that it answers checks, and up to where it has applied
 * the log. It is renewed and reported by a thread of its own; all else may be called by any thread.
 *
 * <p>A strict node answers only while its lease runs by this machine's steady clock, which is read
 * before the renewal is sent: so the lease ends here before it can end in the database. Once it has
 * ended, nobody waits for this node any more; so a new term begins with the head of the log, read
 * after the lease was written, and nothing is answered before that is applied. A node that is not
 * strict answers from its first lease on.
 */
public final class NodeLease implements Lease, AutoCloseable {
  /**
   * How long a lease lasts. Who waits for a node that died waits for that long; a node that is held
   * up or cut off for less goes on as if nothing had been.
   */
  public static final Duration LENGTH = Duration.ofSeconds(10);

  /** How often it is renewed, so that three renewals in a row may fail. */
  public static final Duration HEARTBEAT = Duration.ofSeconds(2);

  /**
   * When the row of a node that is gone is deleted. A node that is not strict may answer for as
   * long as the longest max-staleness, an hour; until then its row is what tells of it.
   */
  public static final Duration FORGOTTEN_AFTER = Duration.ofHours(2);

  /** The most often that a position is reported while somebody waits for it. */
  static final Duration REPORT_EVERY = Duration.ofMillis(10);

  /** How long somebody is taken to be waiting after having said so. */
  static final Duration SIGNAL_LASTS = Duration.ofSeconds(2);

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

  /** A report that is lost in a crash is made again by the next renewal: it need not be flushed. */
  private static final String REPORT =
      """
      UPDATE log.node_lease SET position = ?, applied_at = clock_timestamp()
      FROM set_config('synchronous_commit', 'off', true)
      WHERE instance = ?
      """;

  private static final String NAMESAKES =
      "SELECT count(*) FROM log.node_lease WHERE node = ? AND lease_until > clock_timestamp()";
  private static final String HEAD = "SELECT position FROM log.log_head";
  private static final String GIVE_BACK = "DELETE FROM log.node_lease WHERE instance = ?";
  private static final String FORGET =
      "DELETE FROM log.node_lease WHERE lease_until < clock_timestamp() - make_interval(secs => "
          + FORGOTTEN_AFTER.toSeconds()
          + ")";

  /**
   * A time without a gap in which this node has a lease.
   *
   * @param endNanos when it ends, by the steady clock
   * @param from the position that has to be applied before anything is answered
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

  private long terms;
  private long renewedNanos;
  private long reported;
  private long reportedNanos;
  private long awaited;
  private long signalledNanos;

  /**
   * A lease that is taken once started.
   *
   * @param strict whether nothing is to be answered without it
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
    this.thread = Thread.ofPlatform().daemon().name("keyledger-lease").unstarted(this::run);
  }

  /** Begins to take and renew it; once. */
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

  /** What people call this node. */
  public NodeName name() {
    return name;
  }

  /** What tells this run of it from all others. */
  public UUID instance() {
    return instance;
  }

  /** Whether it answers nothing without a lease. */
  public boolean isStrict() {
    return strict;
  }

  /** Answers nothing from now on, and gives the lease back. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("the lease could not be given back; it runs out by itself");
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
        LOG.warn("the lease cannot be renewed, next try in {}: {}", RETRY_AFTER, e.getMessage());
        pause(RETRY_AFTER);
      } catch (RuntimeException e) {
        LOG.error("the lease cannot be renewed, next try in {}", RETRY_AFTER, e);
        pause(RETRY_AFTER);
      }
    }
  }

  /** A node that follows the log no more answers no check; its lease may run out. */
  private boolean isWanted() {
    return closing.getCount() > 0 && log.failure().isEmpty();
  }

  private void serve(Connection connection) throws SQLException {
    try (Statement listen = connection.createStatement()) {
      listen.execute("LISTEN " + Receipts.CHANNEL);
    }
    warnOfNamesakes(connection);
    renew(connection);
    while (isWanted()) {
      long now = nanoClock.getAsLong();
      long toHeartbeat = HEARTBEAT.toNanos() - (now - renewedNanos);
      long toReport = REPORT_EVERY.toNanos() - (now - reportedNanos);
      boolean waitedFor = awaited > reported && now - signalledNanos < SIGNAL_LASTS.toNanos();
      if (toHeartbeat <= 0) {
        renew(connection);
        forgetTheGone(connection);
      } else if (waitedFor && toReport <= 0) {
        log.await(awaited, REPORT_EVERY);
        report(connection);
        hear(connection, 0);
      } else {
        hear(connection, Math.min(waitedFor ? toReport : LISTEN_MAX.toNanos(), toHeartbeat));
      }
    }
    if (closing.getCount() == 0) {
      giveBack(connection);
    }
  }

  private void hear(Connection connection, long nanosMax) throws SQLException {
    int millisMax =
        (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanosMax)); // 0 would be for ever
    PGNotification @Nullable [] told =
        connection.unwrap(PGConnection.class).getNotifications(millisMax);
    if (told != null) {
      for (PGNotification one : told) {
        awaited = Math.max(awaited, Long.parseLong(one.getParameter()));
        signalledNanos = nanoClock.getAsLong();
      }
    }
  }

  /**
   * Takes the lease, or renews it.
   *
   * @throws SQLException also if the log is another one than when the database was opened
   */
  void renew(Connection connection) throws SQLException {
    long asked = nanoClock.getAsLong();
    long position = log.position();
    boolean anew = write(connection, position);
    renewedNanos = asked;
    noteReport(position);
    if (!strict) {
      term = ENDLESS;
      return;
    }
    long end = asked + LENGTH.toNanos();
    Term held = term;
    // If it ended while the renewal was under way, others may have stopped waiting for this node.
    term =
        held == null || anew || hasEnded(held)
            ? new Term(terms++, end, headOf(connection))
            : new Term(held.number, end, held.from);
  }

  /** Whether there was no row. */
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
          throw new SQLException("the log is another one than at the start of this node");
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

  /** Tells up to where the log is applied here, if that is more than was told before. */
  void report(Connection connection) throws SQLException {
    long position = log.position();
    if (position > reported) {
      try (PreparedStatement statement = connection.prepareStatement(REPORT)) {
        statement.setLong(1, position);
        statement.setObject(2, instance);
        statement.executeUpdate();
      }
      noteReport(position);
    }
  }

  private void noteReport(long position) {
    reported = position;
    reportedNanos = nanoClock.getAsLong();
  }

  private void warnOfNamesakes(Connection connection) throws SQLException {
    if (term != null) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(NAMESAKES)) {
      statement.setString(1, name.value());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getLong(1) > 0) {
          LOG.warn(
              "another node by the name of {} has a lease: one that was killed less than {} ago,"
                  + " or KEYLEDGER_NODE_NAME is the same on both; instances tell them apart",
              name,
              LENGTH);
        }
      }
    }
  }

  static void forgetTheGone(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(FORGET);
    }
  }

  private void giveBack(Connection connection) throws SQLException {
    term = null;
    try (PreparedStatement statement = connection.prepareStatement(GIVE_BACK)) {
      statement.setObject(1, instance);
      statement.executeUpdate();
    }
  }

  private void pause(Duration time) {
    try {
      var _ = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      throw new IllegalStateException("the lease was interrupted, which nothing here does");
    }
  }
}
