package dev.keyledger.projection;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.projection.Projection.TableSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves one projection forward while this node has the claim to it, and stands by while another
 * node has.
 *
 * <p>A step is one transaction: claim the projection's row, read a page of events, apply it, move
 * the position. A step that fails, or whose node dies, leaves nothing behind. The claim is the
 * columns {@code owner} and {@code claimed_at} of the row. A node that has not renewed its claim
 * for {@link #CLAIM_TIME_MAX}, by PostgreSQL's clock, loses it to the next node that asks. The row
 * stays locked until the step ends, so that nobody takes the claim away in mid-step.
 *
 * <p>A step that fails is repeated with back-off; no event is ever skipped. A thread of its own
 * takes the steps and writes all fields. The other methods may be called by any thread.
 */
final class ProjectionRunner {
  /** How long a claim outlives its last renewal. */
  static final Duration CLAIM_TIME_MAX = Duration.ofSeconds(5);

  private static final int PAGE = 500;

  /** How often an idle node renews its claim, and a node that stands by asks for the claim. */
  private static final Duration IDLE_MAX = Duration.ofMillis(500);

  private static final Duration BACKOFF_MIN = Duration.ofMillis(100);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(3);
  private static final long NOT_CLAIMED = -1;
  private static final Logger LOG = LoggerFactory.getLogger(ProjectionRunner.class);

  /** Failures that no later try mends: wrong data, broken constraints, wrong statements. */
  private static final List<String> REFUSALS = List.of("22", "23", "42");

  /** Whoever has locked the row is about to claim it, or to replace what it stands for. */
  private static final String CLAIM =
      """
      UPDATE read.projection SET owner = ?, claimed_at = clock_timestamp()
      WHERE name = (
        SELECT name FROM read.projection
        WHERE name = ? AND (owner IS NULL OR owner = ?
          OR claimed_at < clock_timestamp() - make_interval(secs => ?))
        FOR UPDATE SKIP LOCKED)
      RETURNING position
      """;

  private static final String MOVE =
      "UPDATE read.projection SET position = ?, claimed_at = clock_timestamp() WHERE name = ?";
  private static final String RELEASE =
      "UPDATE read.projection SET owner = NULL, claimed_at = NULL WHERE name = ? AND owner = ?";

  private final Projection projection;
  private final ProjectionDatabase database;
  private final LogTail tail;
  private final String owner;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private long position;
  private volatile boolean claimed;
  private volatile @Nullable String failure;

  /**
   * @param owner what the claim is made in, unlike that of any other process
   */
  ProjectionRunner(Projection projection, ProjectionDatabase database, LogTail tail, String owner) {
    this.projection = projection;
    this.database = database;
    this.tail = tail;
    this.owner = owner;
    this.thread =
        Thread.ofPlatform().daemon().name("keyledger-" + projection.name()).unstarted(this::run);
  }

  /** The name of the projection. */
  String name() {
    return projection.name();
  }

  /** Begins to take steps; once. */
  void start() {
    thread.start();
  }

  /** Tells the thread to give the claim back and end, after the step that it is taking. */
  void beginToClose() {
    closing.countDown();
  }

  /** Waits until it has ended. */
  void awaitClosed() {
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("projection {} still waits for PostgreSQL; its claim will expire", name());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether this node has the claim, as far as it knows. */
  boolean isClaimed() {
    return claimed;
  }

  /**
   * Returns why the projection stands still until somebody mends something. A database that is away
   * for a while is no such reason.
   */
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    Duration backoff = BACKOFF_MIN;
    while (closing.getCount() > 0) {
      try {
        if (step()) {
          awaitEvent();
        } else {
          standBy();
        }
        backoff = BACKOFF_MIN;
      } catch (SQLException | StoreUnavailableException e) {
        claimed = false;
        LOG.warn(
            "projection {} was not moved, next try in {} ms: {}",
            name(),
            backoff.toMillis(),
            e.getMessage());
        pause(backoff);
        backoff = longer(backoff);
      } catch (RuntimeException | Error e) {
        fail(e);
        pause(backoff);
        backoff = longer(backoff);
      }
    }
    release();
  }

  /** Applies a page if there is one; false if another node has the claim. */
  private boolean step() throws SQLException {
    long reached =
        database.inTransaction(connection -> {
          long start = claim(connection);
          if (start == NOT_CLAIMED) {
            return NOT_CLAIMED;
          }
          noteClaim(start);
          List<LoggedEvent> events = tail.readAfter(connection, start, PAGE);
          if (events.isEmpty()) {
            return start;
          }
          apply(connection, events);
          long end = events.getLast().position();
          moveTo(connection, end);
          return end;
        });
    if (reached == NOT_CLAIMED) {
      return false;
    }
    failure = null;
    if (reached > position) {
      position = reached;
      database.watch(projection).moved(reached);
    }
    return true;
  }

  private void noteClaim(long start) {
    if (!claimed && failure == null) {
      LOG.info("this node moves projection {} from position {} on", name(), start);
    }
    claimed = true;
    position = start;
  }

  private long claim(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
      statement.setString(1, owner);
      statement.setString(2, name());
      statement.setString(3, owner);
      statement.setDouble(4, CLAIM_TIME_MAX.toMillis() / 1000.0);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : NOT_CLAIMED;
      }
    }
  }

  private void apply(Connection connection, List<LoggedEvent> events) throws SQLException {
    try {
      projection.apply(connection, TableSet.LIVE, events);
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (REFUSALS.stream().noneMatch(state::startsWith)) {
        throw e;
      }
      throw new IllegalStateException(
          "PostgreSQL refuses the rows of positions %d to %d: %s"
              .formatted(events.getFirst().position(), events.getLast().position(), e.getMessage()),
          e);
    }
  }

  private void moveTo(Connection connection, long reached) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MOVE)) {
      statement.setLong(1, reached);
      statement.setString(2, name());
      statement.executeUpdate();
    }
  }

  /** The log is asked after a while even if the tail knows of nothing new: it may have stopped. */
  private void awaitEvent() {
    if (!tail.await(position + 1, IDLE_MAX) && tail.failure().isPresent()) {
      pause(IDLE_MAX);
    }
  }

  /** A node whose event another node could apply has nothing to complain of any more. */
  private void standBy() {
    if (claimed) {
      LOG.info("this node no longer moves projection {}", name());
    }
    claimed = false;
    if (failure != null && database.position(name()) > position) {
      failure = null;
    }
    pause(IDLE_MAX);
  }

  /** Gives the claim back: a node of another version may be able to apply the event. */
  private void fail(Throwable cause) {
    String text = "after position %d: %s".formatted(position, cause.getMessage());
    if (!text.equals(failure)) {
      LOG.error(
          "projection {} stopped {}, and is tried again until the event can be applied",
          name(),
          text,
          cause);
    }
    failure = text;
    claimed = false;
    release();
  }

  private void release() {
    try {
      database.inTransaction(connection -> {
        try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
          statement.setString(1, name());
          statement.setString(2, owner);
          return statement.executeUpdate();
        }
      });
    } catch (SQLException e) {
      LOG.warn("the claim to projection {} will expire: {}", name(), e.getMessage());
    }
  }

  private void pause(Duration time) {
    try {
      boolean _ = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("a runner was interrupted, which nothing here does", e);
    }
  }

  private static Duration longer(Duration backoff) {
    Duration doubled = backoff.multipliedBy(2);
    return doubled.compareTo(BACKOFF_MAX) < 0 ? doubled : BACKOFF_MAX;
  }
}
