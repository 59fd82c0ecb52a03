package dev.keyledger.log;

import dev.keyledger.supervision.SupervisedThread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The head of the log on the primary, for a tail that reads a replica: only the primary knows which
 * events a replica still lacks. A replica's own status (its last receive or replay) proves nothing
 * once it has lost the primary or has stopped replaying.
 *
 * <p>Its own thread polls, so that a slow primary delays no event. It polls again only after the
 * last head was reached: a replica that always lags a little would never reach the latest one.
 */
final class PrimaryHead implements AutoCloseable {
  private static final Duration POLL_EVERY = Duration.ofMillis(500);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(PrimaryHead.class);

  /**
   * The query of the head. In autocommit mode {@code now()} is evaluated before the statement reads
   * the row.
   */
  private static final String HEAD =
      "SELECT store_id, incarnation, position, now() FROM log.log_head"
          + " WHERE NOT pg_is_in_recovery()";

  /**
   * The head of the log at one moment.
   *
   * @param position of the last event committed by {@code now}, or a later one
   * @param now the primary's clock
   * @param requestNanos this machine's monotonic clock, at that moment or earlier
   */
  record Seen(long position, Instant now, long requestNanos) {}

  private final LedgerDatabase database;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Seen unreached;
  private volatile @Nullable IllegalStateException failure;
  private volatile long position;

  PrimaryHead(LedgerDatabase database) {
    this.database = database;
    this.thread =
        SupervisedThread.unstarted("keyledger-primary", () -> closing.getCount() > 0, this::run);
  }

  void start() {
    thread.start();
  }

  /** Returns the primary's position at the last poll. */
  long position() {
    return position;
  }

  /**
   * Returns the last polled head, once, if the caller has applied it.
   *
   * @throws IllegalStateException if the primary now holds another log
   */
  Optional<Seen> reachedBy(long applied) {
    IllegalStateException stopped = failure;
    if (stopped != null) {
      throw stopped;
    }
    Seen seen = unreached;
    if (seen == null || applied < seen.position()) {
      return Optional.empty();
    }
    unreached = null;
    return Optional.of(seen);
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("a query to the primary is still running at shutdown; abandoning its thread");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    do {
      try (Connection connection = database.openDedicated("head")) {
        do {
          poll(connection);
        } while (!pause());
      } catch (SQLException e) {
        LOG.warn("cannot read the head of the log from the primary: {}", e.getMessage());
      } catch (IllegalStateException e) {
        failure = e;
        return;
      }
    } while (!pause());
  }

  private void poll(Connection connection) throws SQLException {
    if (unreached != null) {
      return;
    }
    long requestNanos = System.nanoTime();
    try (PreparedStatement statement = connection.prepareStatement(HEAD);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("the configured primary is a standby");
      }
      database.requireSameLog(row.getObject(1, UUID.class), row.getInt(2));
      position = row.getLong(3);
      unreached =
          new Seen(position, row.getObject(4, OffsetDateTime.class).toInstant(), requestNanos);
    }
  }

  /** Waits; returns whether to stop. */
  private boolean pause() {
    try {
      return closing.await(POLL_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      return true;
    }
  }
}
