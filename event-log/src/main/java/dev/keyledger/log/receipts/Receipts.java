package dev.keyledger.log.receipts;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until all nodes with a lease have applied a position. Thread-safe. One thread queries the
 * database for all waiting callers, and only while there are any.
 *
 * <p>A lease counts for {@link #MARGIN} longer than it states, by PostgreSQL's clock. By then it
 * has ended on the node too, unless the node's monotonic clock is that much slower.
 */
public final class Receipts implements AutoCloseable {
  /**
   * The time for which an ended lease still counts, to allow for clocks that run at different
   * rates.
   */
  public static final Duration MARGIN = Duration.ofSeconds(1);

  /** The channel on which nodes learn which position a caller waits for. */
  static final String CHANNEL = "keyledger_wait";

  private static final Duration QUERY_EVERY = Duration.ofMillis(10);
  private static final Duration SIGNAL_EVERY = NodeLease.SIGNAL_LIFETIME.dividedBy(2);
  private static final Duration RETRY_AFTER = Duration.ofMillis(100);
  private static final Logger LOG = LoggerFactory.getLogger(Receipts.class);

  /**
   * The query for nodes. In autocommit mode {@code now()} is evaluated before the statement reads
   * the rows: a renewal that it does not see was committed later. A position of another incarnation
   * does not count.
   */
  private static final String FIND =
      """
      SELECT node, instance, strict,
        CASE WHEN lease.incarnation = log_head.incarnation THEN lease.position ELSE 0 END,
        applied_at, lease_until, lease_until > now() - make_interval(secs => %d)
      FROM log.node_lease AS lease CROSS JOIN log.log_head
      ORDER BY node, instance
      """
          .formatted(MARGIN.toSeconds());

  private static final String LAGS =
      """
      SELECT node, instance, strict, known.position, applied_at, lease_until, head.position,
        greatest(0, floor(extract(epoch FROM clock_timestamp() - missing.time)))::bigint
      FROM log.log_head AS head LEFT JOIN log.node_lease AS lease ON true
      CROSS JOIN LATERAL (SELECT CASE WHEN lease.incarnation = head.incarnation
        THEN lease.position ELSE 0 END) AS known (position)
      LEFT JOIN log.event AS missing ON missing.position = known.position + 1
      ORDER BY node, instance
      """;

  private static final String SIGNAL =
      "SELECT pg_notify('" + CHANNEL + "', ?), set_config('synchronous_commit', 'off', true)";

  /** The nodes with a lease, all of them. */
  private record Found(List<Receipt.Node> nodes, boolean proof) {
    Receipt receipt(long position) {
      return new Receipt(position, nodes, proof);
    }
  }

  /** A waiting caller. */
  private static final class Waiter {
    private final long position;
    private final CompletableFuture<Receipt> applied = new CompletableFuture<>();
    private volatile @Nullable Receipt last;

    Waiter(long position) {
      this.position = position;
    }

    boolean update(Found found) {
      Receipt receipt = found.receipt(position);
      last = receipt;
      return receipt.appliedEverywhere() && applied.complete(receipt);
    }
  }

  private final LedgerDatabase database;
  private final Thread thread;
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Condition changed = lock.newCondition();

  private volatile boolean closed;
  private long signalled;
  private long signalledNanos;

  public Receipts(LedgerDatabase database) {
    this.database = database;
    this.thread = SupervisedThread.unstarted("keyledger-receipts", () -> !closed, this::run);
  }

  /** Starts querying for waiting callers. Called once. */
  public void start() {
    thread.start();
  }

  /**
   * Waits until all nodes with a lease have applied a position that is in the log.
   *
   * @param max the longest wait; zero queries once
   * @return the state at the end, whether they have applied it or not
   * @throws StoreUnavailableException if no query succeeded
   */
  public Receipt await(long position, Duration max) {
    var waiter = new Waiter(position);
    waiters.add(waiter);
    wake();
    try {
      return waiter.applied.get(max.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      // the last state shows which nodes are missing
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a waiter never fails", e);
    } finally {
      waiters.remove(waiter);
    }
    Receipt last = waiter.last;
    return last == null ? query(position) : last;
  }

  private Receipt query(long position) {
    return query(connection -> find(connection).receipt(position));
  }

  /**
   * Returns the lag of all nodes behind the log, after a wait for their reports.
   *
   * @param max the longest wait
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public NodeLags lags(Duration max) {
    var _ = await(query(Receipts::lagsNow).head(), max);
    return query(Receipts::lagsNow);
  }

  private static NodeLags lagsNow(Connection connection) throws SQLException {
    var nodes = new ArrayList<NodeLags.NodeLag>();
    long head = 0;
    try (PreparedStatement statement = connection.prepareStatement(LAGS);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        head = row.getLong(7);
        if (row.getString(1) != null) {
          Receipt.Node node = node(row);
          nodes.add(
              new NodeLags.NodeLag(
                  node, head - node.position(), Duration.ofSeconds(row.getLong(8))));
        }
      }
    }
    return new NodeLags(head, nodes);
  }

  private interface Query<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T query(Query<T> query) {
    try (Connection connection = database.dataSource().getConnection()) {
      return query.on(connection);
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read the leases: " + e.getMessage(), e);
    }
  }

  /** Ends all waits with the state they have. */
  @Override
  public void close() {
    closed = true;
    wake();
  }

  private void run() {
    while (awaitWaiters()) {
      try (Connection connection = database.openDedicated("receipts")) {
        while (awaitWaiters()) {
          queryOnce(connection);
          pause(QUERY_EVERY);
        }
      } catch (SQLException e) {
        LOG.warn("cannot read the leases, retrying in {}: {}", RETRY_AFTER, e.getMessage());
        pause(RETRY_AFTER);
      }
    }
  }

  private void queryOnce(Connection connection) throws SQLException {
    List<Waiter> asking = List.copyOf(waiters); // before the query: their positions are committed
    Found found = find(connection);
    long wanted =
        asking.stream()
            .filter(waiter -> !waiter.update(found))
            .mapToLong(waiter -> waiter.position)
            .max()
            .orElse(0);
    long now = System.nanoTime();
    boolean silent = now - signalledNanos >= SIGNAL_EVERY.toNanos();
    if (wanted > signalled || (wanted > 0 && silent)) {
      signal(connection, wanted);
      signalledNanos = now;
    }
    signalled = wanted;
  }

  private static Found find(Connection connection) throws SQLException {
    var nodes = new ArrayList<Receipt.Node>();
    boolean proof = true;
    try (PreparedStatement statement = connection.prepareStatement(FIND);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Receipt.Node node = node(row);
        proof &= node.strict(); // even with an ended lease: it may answer without one
        if (row.getBoolean(7)) {
          nodes.add(node);
        }
      }
    }
    return new Found(nodes, proof && !nodes.isEmpty());
  }

  /** Returns the node of a row whose first six columns are those of the record. */
  private static Receipt.Node node(ResultSet row) throws SQLException {
    return new Receipt.Node(
        row.getString(1),
        row.getObject(2, UUID.class),
        row.getBoolean(3),
        row.getLong(4),
        row.getObject(5, OffsetDateTime.class).toInstant(),
        row.getObject(6, OffsetDateTime.class).toInstant());
  }

  private static void signal(Connection connection, long position) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SIGNAL)) {
      statement.setString(1, Long.toString(position));
      statement.execute();
    }
  }

  /** Waits until there is a waiter; returns whether to continue. */
  private boolean awaitWaiters() {
    lock.lock();
    try {
      while (waiters.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration time) {
    lock.lock();
    try {
      long nanos = time.toNanos();
      while (nanos > 0 && !closed) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException _) {
      throw new IllegalStateException("the receipts' thread was interrupted unexpectedly");
    } finally {
      lock.unlock();
    }
  }
}
