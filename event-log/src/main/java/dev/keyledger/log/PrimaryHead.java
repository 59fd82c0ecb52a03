package dev.keyledger.log;

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
 * Where the log ended on the primary, for a tail that reads a replica: only the primary can tell
 * what a replica still lacks. What a replica says of itself (when it received or replayed last)
 * proves nothing once it has lost the primary, or replays no more.
 *
 * <p>A thread of its own asks, so that a slow primary delays no event. It asks anew only when what
 * it heard last was reached: a replica that is always a little behind would never reach the latest.
 */
final class PrimaryHead implements AutoCloseable {
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(500);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(PrimaryHead.class);

  /** In autocommit {@code now()} is taken before the statement looks at the row. */
  private static final String HEAD =
      "SELECT store_id, incarnation, position, now() FROM log.log_head"
          + " WHERE NOT pg_is_in_recovery()";

  /**
   * What was in the log at a moment.
   *
   * @param position of the last event that was committed by {@code now}, or a later one
   * @param now the primary's clock
   * @param askedNanos this machine's steady clock, at that moment or before
   */
  record Seen(long position, Instant now, long askedNanos) {}

  private final LedgerDatabase database;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Seen unreached;
  private volatile @Nullable IllegalStateException failure;
  private volatile long position;

  PrimaryHead(LedgerDatabase database) {
    this.database = database;
    this.thread = Thread.ofPlatform().daemon().name("keyledger-primary").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The position that the primary had when it was last asked. */
  long position() {
    return position;
  }

  /**
   * What was heard last, once, if whoever asks has applied it.
   *
   * @throws IllegalStateException if the primary has another log by now
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
        LOG.warn("a question to the primary is still open; it ends with the process");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    do {
      try (Connection connection = database.openDedicated("head")) {
        do {
          ask(connection);
        } while (!pause());
      } catch (SQLException e) {
        LOG.warn("the primary does not say where the log ends: {}", e.getMessage());
      } catch (IllegalStateException e) {
        failure = e;
        return;
      }
    } while (!pause());
  }

  private void ask(Connection connection) throws SQLException {
    if (unreached != null) {
      return;
    }
    long asked = System.nanoTime();
    try (PreparedStatement statement = connection.prepareStatement(HEAD);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("it is a standby itself");
      }
      database.requireSameLog(row.getObject(1, UUID.class), row.getInt(2));
      position = row.getLong(3);
      unreached = new Seen(position, row.getObject(4, OffsetDateTime.class).toInstant(), asked);
    }
  }

  /** Whether to end. */
  private boolean pause() {
    try {
      return closing.await(BETWEEN_QUESTIONS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      return true;
    }
  }
}
