package dev.keyledger.log;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.supervision.SupervisedThread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves tables that follow from the log forward, such as those of a projection, while this node has
 * the claim to them, and stands by while another node has it.
 *
 * <p>A step is one transaction: claim the row of the tables, read a page of events, apply it, move
 * the position. If a step fails or its node dies, nothing of it remains. The claim consists of the
 * columns {@code owner} and {@code claimed_at} of the row. A node that has not renewed its claim
 * for {@link #CLAIM_TIME_MAX}, by PostgreSQL's clock, loses it to the next node that requests it.
 * The row stays locked until the step ends, so that the claim cannot be lost during a step.
 *
 * <p>A failed step is retried with back-off; no event is ever skipped. Its own thread executes the
 * steps and writes all fields. The other methods are thread-safe.
 */
public final class LogRunner implements AutoCloseable {
  /** The duration of a claim after its last renewal. */
  static final Duration CLAIM_TIME_MAX = Duration.ofSeconds(5);

  private static final int PAGE = 500;

  /** The interval at which an idle node renews its claim, and a node on standby requests it. */
  private static final Duration IDLE_MAX = Duration.ofMillis(500);

  private static final Duration BACKOFF_MIN = Duration.ofMillis(100);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(3);
  private static final long NOT_CLAIMED = -1;
  private static final Logger LOG = LoggerFactory.getLogger(LogRunner.class);

  /**
   * Classes of SQL states that no retry can fix: wrong data, violated constraints, wrong
   * statements.
   */
  private static final List<String> PERMANENT_FAILURES = List.of("22", "23", "42");

  /**
   * The claim of a row. Skips a locked row: its holder is about to claim it, or to replace the
   * projection.
   */
  private static final String CLAIM =
      """
      UPDATE :positions SET owner = ?, claimed_at = clock_timestamp()
      WHERE name = (
        SELECT name FROM :positions
        WHERE name = ? AND (owner IS NULL OR owner = ?
          OR claimed_at < clock_timestamp() - make_interval(secs => ?))
        FOR UPDATE SKIP LOCKED)
      RETURNING position
      """;

  private static final String MOVE =
      "UPDATE :positions SET position = ?, claimed_at = clock_timestamp() WHERE name = ?";
  private static final String RELEASE =
      "UPDATE :positions SET owner = NULL, claimed_at = NULL WHERE name = ? AND owner = ?";
  private static final String POSITION = "SELECT position FROM :positions WHERE name = ?";

  /** Moves tables forward. */
  @FunctionalInterface
  public interface Step {
    /**
     * Writes the rows that follow from more events.
     *
     * @param connection in a transaction that also moves the position
     * @param after the position up to which all rows are written
     * @return the position up to which they are written now
     * @throws RuntimeException if an event cannot be applied; it must never be skipped
     */
    long move(Connection connection, long after) throws SQLException;
  }

  /** Writes the rows that follow from events. */
  @FunctionalInterface
  public interface Application {
    /**
     * Writes the rows that follow from more events.
     *
     * @param connection in a transaction that also moves the position
     * @param events in order and without gaps, the first one directly after the applied ones
     * @throws RuntimeException if an event cannot be applied; it must never be skipped
     */
    void apply(Connection connection, List<LoggedEvent> events) throws SQLException;
  }

  /**
   * A set of tables that follows the log.
   *
   * @param name the name of its row in the table of positions
   * @param positions the table of positions, with columns name, position, owner and claimed_at
   * @param interval the shortest time between two steps
   * @param step writes the rows
   */
  public record Job(String name, String positions, Duration interval, Step step) {
    /** Returns a set of tables that follows decoded events, a page at a time. */
    public static Job of(String name, String positions, LogTail tail, Application application) {
      return new Job(
          name,
          positions,
          Duration.ZERO,
          (connection, after) -> {
            List<LoggedEvent> events = tail.readAfter(connection, after, PAGE);
            if (events.isEmpty()) {
              return after;
            }
            apply(application, connection, events);
            return events.getLast().position();
          });
    }
  }

  private final Job job;
  private final DataSource writers;
  private final LongConsumer reached;
  private final LogTail tail;
  private final String owner;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private long position;
  private volatile boolean claimed;
  private volatile @Nullable String failure;

  /**
   * @param writers connections for the steps
   * @param reached receives the position after each step that moved it
   * @param owner identifies the holder of the claim, unique among all processes
   */
  public LogRunner(Job job, DataSource writers, LongConsumer reached, LogTail tail, String owner) {
    this.job = job;
    this.writers = writers;
    this.reached = reached;
    this.tail = tail;
    this.owner = owner;
    this.thread =
        SupervisedThread.unstarted(
            "keyledger-" + job.name(), () -> closing.getCount() > 0, this::run);
  }

  /** Returns the name of the job. */
  public String name() {
    return job.name();
  }

  /** Starts executing steps. Called once. */
  public void start() {
    thread.start();
  }

  /** Signals the thread to release the claim and stop, after the current step. */
  public void beginToClose() {
    closing.countDown();
  }

  /** Waits until the thread has stopped. */
  public void awaitClosed() {
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("{} still waits for PostgreSQL; its claim will expire", name());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Completes the current step and releases the claim. */
  @Override
  public void close() {
    beginToClose();
    awaitClosed();
  }

  /** Returns whether this node has the claim, as far as it knows. */
  public boolean isClaimed() {
    return claimed;
  }

  /**
   * Returns the failure that stops it until an operator fixes the cause; empty if there is none. A
   * database that is temporarily unavailable does not count.
   */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    Duration backoff = BACKOFF_MIN;
    while (closing.getCount() > 0) {
      try {
        if (step()) {
          pause(job.interval());
          awaitEvent();
        } else {
          standBy();
        }
        backoff = BACKOFF_MIN;
      } catch (SQLException | StoreUnavailableException e) {
        claimed = false;
        LOG.warn(
            "cannot move {}, retrying in {} ms: {}", name(), backoff.toMillis(), e.getMessage());
        pause(backoff);
        backoff = longer(backoff);
      } catch (RuntimeException | Error e) {
        SupervisedThread.endProcessIfFatal(e);
        fail(e);
        pause(backoff);
        backoff = longer(backoff);
      }
    }
    release();
  }

  /** Moves the tables; returns false if another node has the claim. */
  private boolean step() throws SQLException {
    long end =
        inTransaction(connection -> {
          long start = claim(connection);
          if (start == NOT_CLAIMED) {
            return NOT_CLAIMED;
          }
          recordClaim(start);
          long last = job.step().move(connection, start);
          if (last > start) {
            moveTo(connection, last);
          }
          return last;
        });
    if (end == NOT_CLAIMED) {
      return false;
    }
    failure = null;
    if (end > position) {
      position = end;
      reached.accept(end);
    }
    return true;
  }

  private void recordClaim(long start) {
    if (!claimed && failure == null) {
      LOG.info("this node moves {}, starting after position {}", name(), start);
    }
    claimed = true;
    position = start;
  }

  private String sql(String statement) {
    return statement.replace(":positions", job.positions());
  }

  private long claim(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql(CLAIM))) {
      statement.setString(1, owner);
      statement.setString(2, name());
      statement.setString(3, owner);
      statement.setDouble(4, CLAIM_TIME_MAX.toMillis() / 1000.0);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : NOT_CLAIMED;
      }
    }
  }

  private static void apply(
      Application application, Connection connection, List<LoggedEvent> events)
      throws SQLException {
    try {
      application.apply(connection, events);
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (PERMANENT_FAILURES.stream().noneMatch(state::startsWith)) {
        throw e;
      }
      throw new IllegalStateException(
          "PostgreSQL rejects the rows of positions %d to %d: %s"
              .formatted(events.getFirst().position(), events.getLast().position(), e.getMessage()),
          e);
    }
  }

  private void moveTo(Connection connection, long reached) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql(MOVE))) {
      statement.setLong(1, reached);
      statement.setString(2, name());
      statement.executeUpdate();
    }
  }

  /** Returns after a while even if the tail has nothing new, because the tail may have stopped. */
  private void awaitEvent() {
    if (!tail.await(position + 1, IDLE_MAX) && tail.failure().isPresent()) {
      pause(IDLE_MAX);
    }
  }

  /** Clears the failure once another node has applied the event. */
  private void standBy() throws SQLException {
    if (claimed) {
      LOG.info("this node no longer moves {}", name());
    }
    claimed = false;
    if (failure != null && storedPosition() > position) {
      failure = null;
    }
    pause(IDLE_MAX);
  }

  private long storedPosition() throws SQLException {
    return inTransaction(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql(POSITION))) {
        statement.setString(1, name());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return row.getLong(1);
        }
      }
    });
  }

  private interface Work {
    long on(Connection connection) throws SQLException;
  }

  /**
   * Runs the work in a transaction. The pool rolls back an uncommitted transaction when the
   * connection is returned.
   */
  private long inTransaction(Work work) throws SQLException {
    try (Connection connection = writers.getConnection()) {
      connection.setAutoCommit(false);
      long result = work.on(connection);
      connection.commit();
      return result;
    }
  }

  /** Releases the claim: a node of another version may be able to apply the event. */
  private void fail(Throwable cause) {
    String text = "after position %d: %s".formatted(position, cause.getMessage());
    if (!text.equals(failure)) {
      LOG.error("{} stopped {}; retrying until the event can be applied", name(), text, cause);
    }
    failure = text;
    claimed = false;
    release();
  }

  private void release() {
    try {
      inTransaction(connection -> {
        try (PreparedStatement statement = connection.prepareStatement(sql(RELEASE))) {
          statement.setString(1, name());
          statement.setString(2, owner);
          return statement.executeUpdate();
        }
      });
    } catch (SQLException | RuntimeException e) {
      LOG.warn("cannot release {}, its claim will expire: {}", name(), e.getMessage());
    }
  }

  private void pause(Duration time) {
    if (time.isZero()) {
      return;
    }
    try {
      boolean _ = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("a runner's thread was interrupted unexpectedly", e);
    }
  }

  private static Duration longer(Duration backoff) {
    Duration doubled = backoff.multipliedBy(2);
    return doubled.compareTo(BACKOFF_MAX) < 0 ? doubled : BACKOFF_MAX;
  }
}
