package dev.keyledger.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.supervision.SupervisedThread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log, in order and without gaps. No other class of a node reads new events.
 *
 * <p>It has two kinds of readers. State in memory (the index, the workspaces) is the consumer: it
 * receives each event before the position that includes the event is published. State in tables
 * with positions of their own (the lists) waits for a position with {@link #await} and reads with
 * {@link #readAfter}, at its own speed.
 *
 * <p>Events are read from a replica if the database has one. A lost connection is retried forever.
 * An event that cannot be read, or that the consumer rejects, stops the tail for good: a skipped
 * event could be a revocation.
 *
 * <p>One thread reads, calls the consumer and then publishes the position, so that a thread that
 * sees a position sees everything applied up to it. The appender of the same process may hand over
 * the events that it has just written ({@link #take}); they need not be read again. A lock ensures
 * that one thread applies events at a time. All other methods are thread-safe.
 */
public final class LogTail implements AppliedLog, AutoCloseable {
  /** The number of latest events kept in memory for readers that are nearly up to date. */
  static final int RECENT_EVENTS = 4096;

  private static final int PAGE = 1000;
  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * The interval between polls of a standby, which cannot notify. Adds half of it to the mean
   * delay.
   */
  private static final Duration STANDBY_POLL = Duration.ofMillis(25);

  private static final Duration HANDOVER_WAIT_MAX = Duration.ofMillis(10);
  private static final Duration BACKOFF_MIN = Duration.ofMillis(50);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(2);
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(2);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);

  /**
   * The query of the head. In autocommit mode {@code now()} is evaluated before the statement reads
   * the rows, so that the statement sees everything that was committed by that time.
   */
  private static final String HEAD =
      "SELECT store_id, incarnation, position, now(), pg_is_in_recovery() FROM log.log_head";

  /**
   * The head of the log at one moment.
   *
   * @param requestNanos this machine's monotonic clock, at that moment or earlier
   */
  private record SeenHead(long position, Instant now, boolean onStandby, long requestNanos) {}

  private final LedgerDatabase database;
  private final EventCodec codec;
  private final Consumer<LoggedEvent> consumer;
  private final Thread thread;
  private final @Nullable PrimaryHead primary;
  private final ReentrantLock applying = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Condition moved = lock.newCondition();

  private final AtomicInteger waiters = new AtomicInteger();
  private final @Nullable LoggedEvent[] recent = new LoggedEvent[RECENT_EVENTS];
  private volatile boolean closed;
  private volatile long position;
  private volatile long head;
  private volatile Instant asOf = Instant.EPOCH;
  private volatile Instant storeClock = Instant.EPOCH;
  private volatile long contactNanos = System.nanoTime();
  private volatile boolean caughtUpOnce;
  private volatile @Nullable String failure;
  private volatile int appenderPid;
  private long headAtStart = -1;
  private boolean responded;
  private long progressNanos = System.nanoTime();

  /**
   * Creates a tail; {@link #start} makes it run.
   *
   * @param startAfter the position that the consumer has already applied, 0 for none
   * @param consumer called by one thread at a time; an exception from it stops the tail for good
   */
  public LogTail(
      LedgerDatabase database, EventCodec codec, long startAfter, Consumer<LoggedEvent> consumer) {
    this.database = database;
    this.codec = codec;
    this.position = startAfter;
    this.consumer = consumer;
    this.thread = SupervisedThread.unstarted("keyledger-tail", () -> !closed, this::run);
    this.primary = database.hasReplica() ? new PrimaryHead(database) : null;
  }

  /** Starts following the log. Called once. */
  public void start() {
    if (primary != null) {
      primary.start();
    }
    thread.start();
  }

  @Override
  public long position() {
    return position;
  }

  /** Returns the position of the head at the last read, never less than {@link #position}. */
  public long head() {
    return Math.max(primary == null ? head : primary.position(), position);
  }

  @Override
  public Instant asOf() {
    return asOf;
  }

  @Override
  public Instant storeClock() {
    return storeClock;
  }

  @Override
  public Duration sinceContact() {
    return Duration.ofNanos(System.nanoTime() - contactNanos);
  }

  @Override
  public boolean caughtUpOnce() {
    return caughtUpOnce;
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public boolean await(long awaited, Duration max) {
    return await(() -> position >= awaited, max);
  }

  @Override
  public boolean awaitTime(Instant time, Duration max) {
    return await(() -> !asOf.isBefore(time), max);
  }

  private boolean await(BooleanSupplier reached, Duration max) {
    if (reached.getAsBoolean()) {
      return true;
    }
    lock.lock();
    waiters.incrementAndGet();
    try {
      long nanos = max.toNanos();
      while (!reached.getAsBoolean() && failure == null && !closed && nanos > 0) {
        nanos = moved.awaitNanos(nanos);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      waiters.decrementAndGet();
      lock.unlock();
    }
    return reached.getAsBoolean();
  }

  /**
   * Returns the events after a position, in order and without gaps: recently applied events from
   * memory, all others from the log. It also finds events that this tail has not applied.
   *
   * @param connection to the primary, in the caller's transaction if it has one
   * @return at most {@code max} events; empty if there are none
   * @throws UnreadableEventException if this version cannot read the first of them
   */
  public List<LoggedEvent> readAfter(Connection connection, long after, int max)
      throws SQLException {
    List<LoggedEvent> recent = recentAfter(after, max);
    return recent.isEmpty() ? LogReader.readAfter(connection, codec, after, max) : recent;
  }

  /**
   * Returns applied events after a position, in order and without gaps; empty if there are none, or
   * the first of them is no longer in memory.
   *
   * @param max the maximum number of events, 1 or more
   */
  public List<LoggedEvent> recentAfter(long after, int max) {
    long last = Math.min(position, after + max);
    var events = new ArrayList<LoggedEvent>();
    for (long next = after + 1; next <= last; next++) {
      LoggedEvent event = recent[(int) (next % RECENT_EVENTS)];
      if (event == null || event.position() != next) { // overwritten by a later event
        break;
      }
      events.add(event);
    }
    return events;
  }

  /**
   * Applies events that this process has just appended, on the calling thread, if they directly
   * follow the applied position; otherwise the tail reads them. Never throws.
   *
   * @see LogAppender.Follower#appended
   */
  public void take(List<LoggedEvent> appended, int backendPid) {
    appenderPid = backendPid;
    applying.lock();
    try {
      boolean next = appended.getFirst().position() == position + 1;
      if (next && caughtUpOnce && failure == null && !closed) {
        appended.forEach(this::apply);
        // The next event may have the same time, but never an earlier one.
        advance(appended.getLast().time().minus(1, ChronoUnit.MICROS));
      }
    } catch (RuntimeException | Error e) {
      stop(e);
      SupervisedThread.endProcessIfFatal(e);
    } finally {
      applying.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    wakeWaiters();
    if (primary != null) {
      primary.close();
    }
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("the tail still waits for PostgreSQL at shutdown; abandoning its thread");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Duration backoff = BACKOFF_MIN;
    while (!closed && failure == null) {
      responded = false;
      try (Connection connection = database.openListening("tail")) {
        follow(connection);
      } catch (SQLException e) {
        backoff = responded ? BACKOFF_MIN : min(backoff.multipliedBy(2), BACKOFF_MAX);
        LOG.warn("cannot follow the log, retrying in {}: {}", backoff, e.getMessage());
        pause(backoff);
      } catch (RuntimeException | Error e) {
        stop(e);
        SupervisedThread.endProcessIfFatal(e);
      }
    }
  }

  private void follow(Connection connection) throws SQLException {
    boolean listening = false;
    boolean onStandby = false;
    while (!closed) {
      SeenHead head = readHead(connection);
      if (head.onStandby() != onStandby) {
        onStandby = head.onStandby();
        LOG.info(
            "following the log from {}",
            onStandby ? "a standby, by polling" : "a primary, by notifications");
      }
      if (!listening && !onStandby) {
        listen(connection);
        listening = true;
        continue; // events committed before LISTEN sent no notification here
      }
      catchUp(connection, head.position());
      if (closed) {
        return;
      }
      boolean isBehind = !caughtUpOnce;
      updateFreshness(head);
      if (isBehind && caughtUpOnce) {
        LOG.info("caught up with the log at position {}", position);
      }
      if (listening) {
        awaitNotification(connection.unwrap(PGConnection.class));
      } else {
        pause(STANDBY_POLL);
      }
    }
  }

  private static void listen(Connection connection) throws SQLException {
    try (Statement listen = connection.createStatement()) {
      listen.execute("LISTEN " + AppendConnection.CHANNEL);
    }
  }

  /**
   * Updates the freshness. Called once everything up to the head is applied: a node that was cut
   * off is not fresh before it has applied its backlog. A replica's clock does not prove freshness:
   * the primary may already have had more events by then.
   */
  private void updateFreshness(SeenHead head) {
    if (primary == null) {
      storeClock = head.now(); // first: a reader between the two must not see our clock ahead
      contactNanos = head.requestNanos();
      advance(head.now());
      caughtUpOnce |= position >= headAtStart;
      return;
    }
    primary
        .reachedBy(position)
        .ifPresent(seen -> {
          storeClock = seen.now();
          contactNanos = seen.requestNanos();
          advance(seen.now());
          caughtUpOnce = true;
        });
  }

  private void awaitNotification(PGConnection notifications) throws SQLException {
    PGNotification @Nullable [] received;
    do {
      received = notifications.getNotifications((int) POLL.toMillis());
    } while (isAlreadyApplied(received) && sinceContact().compareTo(POLL) < 0 && !closed);
  }

  /**
   * Returns whether the log can have nothing new, because the appender of this process hands over
   * its events when it notifies.
   */
  private boolean isAlreadyApplied(PGNotification @Nullable [] notifications) {
    if (notifications == null || notifications.length == 0) {
      return false;
    }
    PGNotification last = notifications[notifications.length - 1];
    return last.getPID() == appenderPid
        && await(Long.parseLong(last.getParameter()), HANDOVER_WAIT_MAX);
  }

  /** Reads up to the head. Fetches and decodes the next page while one page is applied. */
  private void catchUp(Connection connection, long head) throws SQLException {
    List<LoggedEvent> page = fetch(connection, position, head);
    while (!page.isEmpty() && !closed) {
      long last = page.getLast().position();
      if (last >= head) {
        apply(page);
        return;
      }
      var ahead = new FutureTask<>(() -> fetch(connection, last, head));
      Thread reader = Thread.ofVirtual().start(ahead);
      try {
        apply(page);
      } finally {
        join(reader); // the reader uses the connection until then
      }
      logProgress(head);
      page = fetched(ahead);
    }
  }

  private void logProgress(long head) {
    if (!caughtUpOnce && System.nanoTime() - progressNanos >= PROGRESS_EVERY.toNanos()) {
      progressNanos = System.nanoTime();
      LOG.info("read the log up to position {} of {}", position, head);
    }
  }

  /** Returns the page after a position; empty if the head is reached. */
  private List<LoggedEvent> fetch(Connection connection, long after, long head)
      throws SQLException {
    if (after >= head) {
      return List.of();
    }
    List<LoggedEvent> events = LogReader.readAfter(connection, codec, after, PAGE);
    if (events.isEmpty()) {
      throw new IllegalStateException("the log has a gap: no event after position " + after);
    }
    return events;
  }

  private static List<LoggedEvent> fetched(FutureTask<List<LoggedEvent>> ahead)
      throws SQLException {
    try {
      return ahead.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case SQLException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException("cannot fetch a page of the log", e);
      }
    } catch (InterruptedException _) {
      throw interrupted();
    }
  }

  private static void join(Thread reader) {
    try {
      reader.join();
    } catch (InterruptedException _) {
      throw interrupted();
    }
  }

  private void apply(List<LoggedEvent> page) {
    applying.lock();
    try {
      for (LoggedEvent event : page) {
        if (event.position() > position) { // may have been handed over meanwhile
          apply(event);
        }
      }
    } finally {
      applying.unlock();
    }
  }

  private SeenHead readHead(Connection connection) throws SQLException {
    long asked = System.nanoTime();
    long before = position;
    try (PreparedStatement statement = connection.prepareStatement(HEAD);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("the database contains no log");
      }
      var head =
          new SeenHead(
              row.getLong(3),
              row.getObject(4, OffsetDateTime.class).toInstant(),
              row.getBoolean(5),
              asked);
      responded = true;
      if (primary == null) {
        requireSameLog(row.getObject(1, UUID.class), row.getInt(2), head, before);
        this.head = head.position();
        headAtStart = headAtStart < 0 ? head.position() : headAtStart;
      } else {
        requireReplicaOfTheLog(row.getObject(1, UUID.class), row.getInt(2));
      }
      return head;
    }
  }

  private void requireSameLog(UUID storeId, int incarnation, SeenHead head, long before)
      throws SQLException {
    if (head.onStandby()) {
      throw new SQLException("it is a standby, which only a setting of its own may name");
    }
    database.requireSameLog(storeId, incarnation);
    if (head.position() < before) {
      throw new IllegalStateException(
          "the log ends at %d, before the position already read, %d"
              .formatted(head.position(), before));
    }
  }

  /**
   * Checks that a replica holds this log. A replica may lag in its incarnation too, and end before
   * the position that another replica showed.
   */
  private void requireReplicaOfTheLog(UUID storeId, int incarnation) throws SQLException {
    if (!storeId.equals(database.storeId()) || incarnation != database.incarnation()) {
      throw new SQLException("the replica does not have this incarnation of the log (yet)");
    }
  }

  private void apply(LoggedEvent event) {
    if (event.position() != position + 1) {
      throw new IllegalStateException(
          "the log has a gap: %d follows %d".formatted(event.position(), position));
    }
    consumer.accept(event);
    recent[(int) (event.position() % RECENT_EVENTS)] = event;
    position = event.position();
    if (waiters.get() > 0) {
      wakeWaiters();
    }
  }

  private void advance(Instant known) {
    applying.lock();
    try {
      asOf = known.isAfter(asOf) ? known : asOf;
    } finally {
      applying.unlock();
    }
    if (waiters.get() > 0) {
      wakeWaiters();
    }
  }

  private void wakeWaiters() {
    lock.lock();
    try {
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void stop(Throwable cause) {
    failure = "after position %d: %s".formatted(position, cause.getMessage());
    wakeWaiters();
    LOG.error("stopped following the log after position {}; restart the node", position, cause);
  }

  private void pause(Duration time) {
    lock.lock();
    try {
      long nanos = time.toNanos();
      while (nanos > 0 && !closed) {
        nanos = moved.awaitNanos(nanos);
      }
    } catch (InterruptedException _) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
  }

  private static IllegalStateException interrupted() {
    return new IllegalStateException("the tail's thread was interrupted unexpectedly");
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
