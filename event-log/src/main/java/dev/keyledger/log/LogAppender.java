package dev.keyledger.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.ContextErased;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.AppendConnection.Appended;
import dev.keyledger.log.AppendConnection.Backend;
import dev.keyledger.supervision.SupervisedThread;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends units of events to the log. One thread at a time writes all waiting units as one batch,
 * in one statement over a dedicated connection; the callers wait. An uncontended caller appends on
 * its own thread: handing the unit over and being woken again would add half to its latency.
 *
 * <p>Thread-safe. Callers encode and queue. A lock guards the connection. A unit's outcome is
 * published through its future, the last clock comparison through a volatile field.
 */
public final class LogAppender implements AutoCloseable {
  /** The maximum number of events in a unit. */
  public static final int UNIT_EVENTS_MAX = 1000;

  /** The maximum number of events in one statement. */
  public static final int BATCH_EVENTS_MAX = 1000;

  /** The maximum number of events whose contexts one append erases. */
  public static final int ERASED_EVENTS_MAX = 10_000;

  /** The value for an append that does not depend on the state of any workspace. */
  public static final long WORKSPACES_ALL_KNOWN = Long.MAX_VALUE;

  /** The maximum number of units that wait for the appender's thread; more are rejected. */
  public static final int QUEUED_UNITS_MAX = 1024;

  /** The largest tolerated difference between this node's clock and PostgreSQL's. */
  public static final Duration CLOCK_DIFFERENCE_MAX = Duration.ofSeconds(1);

  /** The longest search for the outcome of a broken append before it is reported as unknown. */
  public static final Duration OUTCOME_WAIT_MAX = Duration.ofSeconds(10);

  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final Duration GATHER_WAIT_MAX = Duration.ofNanos(200_000);
  private static final int NO_UNITS_AWAITED = Integer.MAX_VALUE;
  private static final Duration BACKEND_END_WAIT = Duration.ofSeconds(2);
  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);
  private static final String UNIQUE_VIOLATION = "23505";

  /**
   * SQL states after which the statement was certainly rolled back: lock timeout, statement
   * timeout, deadlock, serialization failure.
   */
  private static final Set<String> UNDONE = Set.of("55P03", "57014", "40P01", "40001");

  private static final Logger LOG = LoggerFactory.getLogger(LogAppender.class);

  private final LedgerDatabase database;
  private final EventCodec codec;
  private final InstantSource clock;
  private final Duration outcomeWaitMax;
  private final Follower follower;
  private final SecureRandom random = new SecureRandom();
  private final BlockingQueue<PendingUnit> queue = new ArrayBlockingQueue<>(QUEUED_UNITS_MAX);
  private final PendingUnit wakeUp;
  private final Thread thread;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean closed;
  private volatile ClockReading lastReading;
  private volatile int unitsWritten;
  private volatile int awaitedUnits = NO_UNITS_AWAITED;

  @GuardedBy("writing")
  private @Nullable AppendConnection connection;

  /** Receives each append, from one thread at a time, before the callers are answered. */
  @FunctionalInterface
  public interface Follower {
    /**
     * @param events the events that became durable, in order, at adjacent positions
     * @param backendPid the PostgreSQL process that wrote them and sends their notification
     */
    void appended(List<LoggedEvent> events, int backendPid);
  }

  /** Creates an appender without a follower. It runs until it is closed. */
  public LogAppender(LedgerDatabase database, EventCodec codec, InstantSource clock) {
    this(database, codec, clock, (_, _) -> {});
  }

  /** Creates an appender. It runs until it is closed. */
  public LogAppender(
      LedgerDatabase database, EventCodec codec, InstantSource clock, Follower follower) {
    this(database, codec, clock, follower, OUTCOME_WAIT_MAX);
  }

  LogAppender(
      LedgerDatabase database,
      EventCodec codec,
      InstantSource clock,
      Follower follower,
      Duration outcomeWaitMax) {
    this.outcomeWaitMax = outcomeWaitMax;
    this.follower = follower;
    this.database = database;
    this.codec = codec;
    this.clock = clock;
    this.lastReading = readClock();
    this.wakeUp =
        new PendingUnit(List.of(), List.of(), WORKSPACES_ALL_KNOWN, List.of(), codec, random);
    this.thread = SupervisedThread.unstarted("keyledger-appender", () -> !closed, this::run);
    this.thread.start();
  }

  /**
   * Appends events without an answer record.
   *
   * @see #append(List, List)
   */
  public List<LoggedEvent> append(List<NewEvent> unit) {
    return append(unit, List.of());
  }

  /**
   * Appends a unit that does not depend on the state of any workspace.
   *
   * @see #append(List, List, long, List)
   */
  public List<LoggedEvent> append(List<NewEvent> unit, List<AnswerRecord> answers) {
    return append(unit, answers, WORKSPACES_ALL_KNOWN);
  }

  /**
   * Appends a unit that erases nothing.
   *
   * @see #append(List, List, long, List)
   */
  public List<LoggedEvent> append(
      List<NewEvent> unit, List<AnswerRecord> answers, long workspacesKnown) {
    return append(unit, answers, workspacesKnown, List.of());
  }

  /**
   * Appends the events as one unit, all or none, and waits until they are durable. An interrupt
   * does not end the wait; the interrupt flag is restored.
   *
   * @param unit at most {@value #UNIT_EVENTS_MAX} events, all about keys, or one about a workspace
   * @param answers answer records, written together with the events or not at all; none if there
   *     are no events. Without events the call does nothing
   * @param workspacesKnown the position of the last workspace event that the decision took into
   *     account
   * @param erased the positions of at most {@value #ERASED_EVENTS_MAX} earlier events, whose
   *     contexts are erased together with the append or not at all. The last event of the unit is
   *     then the {@link ContextErased} with their number
   * @return the events as they are in the log, in the same order, at adjacent positions
   * @throws IllegalArgumentException if the unit has too many events, or none and an answer without
   *     a position; or if it erases too many contexts, or a number other than the event has
   * @throws AppendConflictException if the log already has one of the sequences, digests or
   *     reminders, an answer with that id, or a later workspace event
   * @throws StoreUnavailableException if nothing was done: the database cannot be reached or is too
   *     slow, the queue is full, this node's clock is wrong, or the log was replaced under this
   *     node
   * @throws OutcomeUnknownException if the connection broke and the outcome could not be determined
   */
  public List<LoggedEvent> append(
      List<NewEvent> unit, List<AnswerRecord> answers, long workspacesKnown, List<Long> erased) {
    if (unit.isEmpty() && !answers.isEmpty()) {
      throw new IllegalArgumentException("an answer record needs an event");
    }
    if (unit.isEmpty()) {
      return List.of();
    }
    if (unit.size() > UNIT_EVENTS_MAX) {
      throw new IllegalArgumentException("a unit has at most 1000 events, not " + unit.size());
    }
    requireRecorded(unit, erased);
    if (clockDiffers()) {
      throw wrongClock();
    }
    var pending = new PendingUnit(unit, answers, workspacesKnown, erased, codec, random);
    if (closed) {
      throw closing();
    }
    if (writeUncontended(pending)) {
      return pending.await();
    }
    if (!queue.offer(pending)) {
      throw new StoreUnavailableException("too many commands wait for the log");
    }
    // The thread may have drained the queue for the last time between the check and the offer.
    if (closed && queue.remove(pending)) {
      throw closing();
    }
    if (queue.size() >= awaitedUnits) {
      LockSupport.unpark(thread);
    }
    return pending.await();
  }

  private static void requireRecorded(List<NewEvent> unit, List<Long> erased) {
    long told = unit.getLast().event() instanceof ContextErased event ? event.events() : 0;
    if (told != erased.size() || erased.size() > ERASED_EVENTS_MAX) {
      throw new IllegalArgumentException(
          "a unit that tells of %d erased contexts cannot erase %d".formatted(told, erased.size()));
    }
  }

  /**
   * Writes the unit on the calling thread if no other append runs and the last batch held one unit:
   * under contention, the first caller would make all others wait.
   *
   * @return whether the unit has its outcome
   */
  private boolean writeUncontended(PendingUnit unit) {
    // An interrupt would close the socket of a virtual thread.
    boolean alone = unitsWritten <= 1 && queue.isEmpty() && !Thread.currentThread().isVirtual();
    if (!alone || !writing.tryLock()) {
      return false;
    }
    boolean interrupted = Thread.interrupted();
    try {
      if (closed) {
        throw closing();
      }
      writeOrFail(List.of(unit));
      return true;
    } finally {
      writing.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether appends are accepted: until {@link #close}. */
  public boolean isOpen() {
    return !closed;
  }

  /**
   * Returns whether this node's clock differs so much from PostgreSQL's that appends are rejected.
   */
  public boolean clockDiffers() {
    return clockDifference().compareTo(CLOCK_DIFFERENCE_MAX) > 0;
  }

  /** Returns the number of units that wait for the thread, 0 to {@value #QUEUED_UNITS_MAX}. */
  int queuedUnits() {
    return queue.size();
  }

  /** Completes the current batch and rejects all other units. */
  @Override
  public void close() {
    closed = true;
    // If the queue is full, the thread is awake anyway.
    var _ = queue.offer(wakeUp);
    try {
      if (!thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("an append still waits for PostgreSQL at shutdown; its outcome is not reported");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() throws InterruptedException {
    while (!closed) {
      writeNext();
    }
    for (PendingUnit unit = queue.poll(); unit != null; unit = queue.poll()) {
      unit.fail(closing());
    }
    writing.lock();
    try {
      disconnect();
    } finally {
      writing.unlock();
    }
  }

  /** Writes the queued units, after waiting for one for at most {@link #HEARTBEAT}. */
  private void writeNext() throws InterruptedException {
    var batch = new ArrayList<PendingUnit>();
    PendingUnit first = queue.poll(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    writing.lock();
    try {
      if (first != null) {
        takeBatch(first, batch);
        writeOrFail(batch);
      }
      if (System.nanoTime() - lastReading.nanos() >= HEARTBEAT.toNanos()) {
        heartbeat();
      }
    } catch (RuntimeException | Error e) {
      // A unit that is already written keeps its outcome. Callers of other units must not wait.
      failAll(batch, new OutcomeUnknownException("an append failed unexpectedly", e));
      disconnect();
      throw e;
    } finally {
      writing.unlock();
    }
  }

  /** Takes the unit and those queued behind it, up to the size of a batch. */
  private void takeBatch(PendingUnit first, List<PendingUnit> batch) {
    awaitOtherCallers();
    int events = 0;
    PendingUnit unit = first;
    while (unit != null) {
      if (unit != wakeUp) {
        batch.add(unit);
        events += unit.rows.size();
      }
      PendingUnit next = queue.peek();
      boolean fits = next != null && events + next.rows.size() <= BATCH_EVENTS_MAX;
      // Units about keys must come before a change of their workspace, or go into a later batch.
      unit = fits && !unit.changesWorkspace() ? queue.poll() : null;
    }
  }

  /**
   * Gives callers that were answered together a moment to enqueue again together: the first of them
   * alone would make all others wait for its append. An uncontended caller does not wait.
   */
  private void awaitOtherCallers() {
    int expected = unitsWritten - 1; // the first is not in the queue any more
    long start = System.nanoTime();
    long rest = GATHER_WAIT_MAX.toNanos();
    awaitedUnits = expected;
    while (queue.size() < expected && rest > 0) {
      LockSupport.parkNanos(rest); // until the last one arrives
      rest = GATHER_WAIT_MAX.toNanos() - (System.nanoTime() - start);
    }
    awaitedUnits = NO_UNITS_AWAITED;
  }

  /** Detects a wrong clock, and its correction, while no append succeeds. */
  @GuardedBy("writing")
  private void heartbeat() {
    try {
      compareClocks(connected());
    } catch (SQLException e) {
      LOG.debug("the heartbeat failed", e);
      disconnect();
    }
  }

  @GuardedBy("writing")
  private void writeOrFail(List<PendingUnit> batch) {
    if (batch.isEmpty()) {
      return;
    }
    unitsWritten = batch.size();
    try {
      write(batch, true);
    } catch (RuntimeException | Error e) {
      LOG.error("an append failed unexpectedly; its outcome is unknown", e);
      failAll(batch, new OutcomeUnknownException("an append failed unexpectedly", e));
      disconnect();
      SupervisedThread.endProcessIfFatal(e);
    }
  }

  @GuardedBy("writing")
  private void write(List<PendingUnit> batch, boolean mayRetry) {
    AppendConnection current;
    try {
      current = connected();
    } catch (SQLException e) {
      failAll(batch, unavailable(e));
      return;
    }
    if (clockDiffers()) {
      failAll(batch, wrongClock());
      return;
    }
    ClockReading before = readClock();
    try {
      Optional<Appended> appended = current.append(batch);
      appended.ifPresent(done -> compareClocks(before, done.now()));
      if (appended.isPresent()) {
        succeedAll(batch, appended.get(), current.backend());
      } else {
        refuseOutdated(batch, current.workspacePosition());
      }
    } catch (SQLException e) {
      if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
        isolateConflict(batch, e);
      } else if (e.getSQLState() != null && UNDONE.contains(e.getSQLState())) {
        failAll(batch, unavailable(e));
      } else {
        resolve(batch, current.backend(), e, mayRetry);
      }
    }
  }

  /** Writes each half on its own, until a conflicting unit is isolated. See ADR 0002. */
  @GuardedBy("writing")
  private void isolateConflict(List<PendingUnit> batch, SQLException conflict) {
    if (batch.size() == 1) {
      PendingUnit unit = batch.getFirst();
      unit.fail(new AppendConflictException(kindOf(conflict), unit.streams(), unit.digests()));
      return;
    }
    int middle = batch.size() / 2;
    write(batch.subList(0, middle), true);
    write(batch.subList(middle, batch.size()), true);
  }

  /** Fails the units that were decided on outdated workspace state, and writes the others. */
  @GuardedBy("writing")
  private void refuseOutdated(List<PendingUnit> batch, OptionalLong workspacePosition) {
    if (workspacePosition.isEmpty()) {
      failAll(batch, replacedLog());
      return;
    }
    var others = new ArrayList<PendingUnit>();
    for (PendingUnit unit : batch) {
      if (unit.workspacesKnown < workspacePosition.getAsLong()) {
        unit.fail(AppendConflictException.ofWorkspace(unit.streams()));
      } else {
        others.add(unit);
      }
    }
    if (!others.isEmpty()) {
      write(others, true);
    }
  }

  private static AppendConflictException.Kind kindOf(SQLException conflict) {
    String constraint =
        conflict instanceof PSQLException e && e.getServerErrorMessage() != null
            ? e.getServerErrorMessage().getConstraint()
            : null;
    return switch (constraint) {
      case "event_sequence" -> AppendConflictException.Kind.SEQUENCE;
      case "key_secret_digest" -> AppendConflictException.Kind.DIGEST;
      case "key_reminder_once" -> AppendConflictException.Kind.REMINDER;
      case "idempotency_id" -> AppendConflictException.Kind.IDEMPOTENCY;
      case null, default ->
          throw new IllegalStateException(
              "unexpected conflict at constraint " + constraint, conflict);
    };
  }

  /**
   * Determines the outcome of a statement whose response was lost. While its backend lives, the
   * statement may still commit, so the backend is terminated before the log is read.
   */
  @GuardedBy("writing")
  private void resolve(
      List<PendingUnit> batch, Backend lost, SQLException cause, boolean mayRetry) {
    LOG.warn("lost the connection during an append, searching its outcome: {}", cause.getMessage());
    disconnect();
    long start = System.nanoTime();
    while (!closed && System.nanoTime() - start < outcomeWaitMax.toNanos()) {
      try {
        AppendConnection fresh = connected();
        if (fresh.end(lost, BACKEND_END_WAIT)) {
          Optional<Appended> found = fresh.find(batch);
          if (found.isPresent()) {
            succeedAll(batch, found.get(), lost);
          } else if (mayRetry) {
            write(batch, false);
          } else {
            failAll(batch, unavailable(cause));
          }
          return;
        }
      } catch (SQLException e) {
        LOG.debug("the outcome cannot be read yet", e);
        disconnect();
        LockSupport.parkNanos(RECONNECT_PAUSE.toNanos());
      }
    }
    failAll(batch, new OutcomeUnknownException("lost the response of an append", cause));
  }

  @GuardedBy("writing")
  private AppendConnection connected() throws SQLException {
    AppendConnection current = connection;
    if (current == null) {
      current = new AppendConnection(database);
      connection = current;
      compareClocks(current);
    }
    return current;
  }

  @GuardedBy("writing")
  private void disconnect() {
    AppendConnection current = connection;
    connection = null;
    if (current != null) {
      try {
        current.close();
      } catch (SQLException e) {
        LOG.debug("cannot close a broken connection", e);
      }
    }
  }

  private void compareClocks(AppendConnection current) throws SQLException {
    ClockReading before = readClock();
    compareClocks(before, current.now());
  }

  private ClockReading readClock() {
    return new ClockReading(Duration.ZERO, clock.instant(), System.nanoTime());
  }

  /**
   * Compares the clocks. If they agree, PostgreSQL read its clock between {@code before} and now.
   */
  private void compareClocks(ClockReading before, Instant postgres) {
    Instant earliest = before.instant();
    Instant latest = before.now();
    Duration difference =
        postgres.isBefore(earliest)
            ? Duration.between(postgres, earliest)
            : postgres.isAfter(latest) ? Duration.between(latest, postgres) : Duration.ZERO;
    lastReading = new ClockReading(difference, earliest, before.nanos());
  }

  /**
   * Returns the difference between this node's clock and PostgreSQL's: the difference at the last
   * comparison, plus any jump since, measured by this machine's monotonic clock.
   */
  private Duration clockDifference() {
    ClockReading reading = lastReading;
    return reading.difference().plus(Duration.between(reading.now(), clock.instant()).abs());
  }

  /**
   * A reading of this node's clock.
   *
   * @param difference its difference from PostgreSQL's, 0 or more
   * @param instant the time that it showed
   * @param nanos this machine's monotonic clock
   */
  private record ClockReading(Duration difference, Instant instant, long nanos) {
    /** Returns the expected reading of the node's clock, unless it has jumped. */
    Instant now() {
      return instant.plusNanos(System.nanoTime() - nanos);
    }
  }

  private void succeedAll(List<PendingUnit> batch, Appended appended, Backend by) {
    int events = batch.stream().mapToInt(unit -> unit.rows.size()).sum();
    long before = appended.lastPosition() - events;
    var all = new ArrayList<LoggedEvent>(events);
    for (PendingUnit unit : batch) {
      unit.addLogged(all, before, appended.time());
    }
    if (!all.isEmpty()) {
      follower.appended(Collections.unmodifiableList(all), by.pid());
    }
    int next = 0;
    for (PendingUnit unit : batch) {
      unit.succeed(List.copyOf(all.subList(next, next + unit.rows.size())));
      next += unit.rows.size();
    }
  }

  private static void failAll(List<PendingUnit> batch, RuntimeException failure) {
    batch.forEach(unit -> unit.fail(failure));
  }

  private StoreUnavailableException wrongClock() {
    return new StoreUnavailableException(
        "this node's clock differs from PostgreSQL's by " + clockDifference());
  }

  private static StoreUnavailableException unavailable(SQLException cause) {
    return new StoreUnavailableException("cannot write the log: " + cause.getMessage(), cause);
  }

  private static StoreUnavailableException replacedLog() {
    return new StoreUnavailableException(
        "the log was replaced, or began a new incarnation, while this node ran: restart it");
  }

  private static StoreUnavailableException closing() {
    return new StoreUnavailableException("this node is shutting down");
  }
}
