package dev.keyledger.log;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.AppendConnection.Appended;
import dev.keyledger.log.AppendConnection.Backend;
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
 * Appends units of events to the log. Whoever appends waits while one thread writes all that has
 * gathered meanwhile as one batch, in one statement over a connection of its own. Who comes alone
 * writes by itself: to hand a unit over and to be woken again would cost it a third of the time.
 *
 * <p>Safe for use by many threads. Callers encode and queue; a lock guards the connection; a unit's
 * outcome is published through its future, the last comparison of the clocks through a volatile
 * field.
 */
public final class LogAppender implements AutoCloseable {
  /** The most events that a unit may have. */
  public static final int UNIT_EVENTS_MAX = 1000;

  /** The most events that one statement writes. */
  public static final int BATCH_EVENTS_MAX = 1000;

  /** What an append rests on that would be the same whatever happened to workspaces. */
  public static final long WORKSPACES_ALL_KNOWN = Long.MAX_VALUE;

  /** The most units that wait for the thread; more are refused. */
  public static final int QUEUED_UNITS_MAX = 1024;

  /** How far this node's clock may be from PostgreSQL's. */
  public static final Duration CLOCK_DIFFERENCE_MAX = Duration.ofSeconds(1);

  /** How long the outcome of a broken append is looked for before it is called unknown. */
  public static final Duration OUTCOME_WAIT_MAX = Duration.ofSeconds(10);

  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final Duration COMPANY_WAIT_MAX = Duration.ofNanos(200_000);
  private static final int NOBODY_AWAITED = Integer.MAX_VALUE;
  private static final Duration BACKEND_END_WAIT = Duration.ofSeconds(2);
  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);
  private static final String UNIQUE_VIOLATION = "23505";

  /**
   * Failures of which PostgreSQL says for certain that the statement was undone: a lock or the
   * statement took too long, a deadlock, a serialization failure.
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
  private volatile int awaitedUnits = NOBODY_AWAITED;
  private @Nullable AppendConnection connection;

  /** Who is told of each append, by one thread at a time, before the callers are answered. */
  @FunctionalInterface
  public interface Follower {
    /**
     * @param events what has become durable, in order, at adjacent positions
     * @param backendPid the process of PostgreSQL that wrote them, and notifies of them too
     */
    void appended(List<LoggedEvent> events, int backendPid);
  }

  /** An appender that nobody follows; at work until it is closed. */
  public LogAppender(LedgerDatabase database, EventCodec codec, InstantSource clock) {
    this(database, codec, clock, (_, _) -> {});
  }

  /** An appender that is at work until it is closed. */
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
    this.wakeUp = new PendingUnit(List.of(), List.of(), WORKSPACES_ALL_KNOWN, codec, random);
    this.thread = Thread.ofPlatform().daemon().name("keyledger-appender").start(this::run);
  }

  /**
   * Appends events of which no answer is kept.
   *
   * @see #append(List, List)
   */
  public List<LoggedEvent> append(List<NewEvent> unit) {
    return append(unit, List.of());
  }

  /**
   * Appends what rests on nothing that is known of workspaces.
   *
   * @see #append(List, List, long)
   */
  public List<LoggedEvent> append(List<NewEvent> unit, List<AnswerRecord> answers) {
    return append(unit, answers, WORKSPACES_ALL_KNOWN);
  }

  /**
   * Appends the events as one unit, all or none, and waits until they are durable. An interrupt
   * does not end the wait; the flag is set again.
   *
   * @param unit at most {@value #UNIT_EVENTS_MAX} events, all about keys, or one about a workspace
   * @param answers what is to be kept of the answer, together with the events or not at all; if
   *     there are no events, each of them says its position. No events and no answers are nothing
   *     to do
   * @param workspacesKnown the position of the last event of any workspace that the unit was
   *     decided with the knowledge of
   * @return the events as they are in the log, in the same order, at adjacent positions
   * @throws IllegalArgumentException if the unit has too many events, or none and an answer without
   *     a position
   * @throws AppendConflictException if the log already has one of the sequences or digests, an
   *     answer with that id, or a later event of a workspace
   * @throws StoreUnavailableException if nothing was done: the database cannot be reached or is too
   *     slow, too many wait, this node's clock is wrong, or the log was replaced under this node
   * @throws OutcomeUnknownException if the connection broke and the outcome could not be found out
   */
  public List<LoggedEvent> append(
      List<NewEvent> unit, List<AnswerRecord> answers, long workspacesKnown) {
    if (unit.isEmpty() && answers.isEmpty()) {
      return List.of();
    }
    if (unit.isEmpty() && answers.stream().anyMatch(answer -> answer.position() == null)) {
      throw new IllegalArgumentException("an answer without events says its position");
    }
    if (unit.size() > UNIT_EVENTS_MAX) {
      throw new IllegalArgumentException("a unit has at most 1000 events, not " + unit.size());
    }
    if (clockDiffers()) {
      throw wrongClock();
    }
    var pending = new PendingUnit(unit, answers, workspacesKnown, codec, random);
    if (closed) {
      throw closing();
    }
    if (writeAlone(pending)) {
      return pending.await();
    }
    if (!queue.offer(pending)) {
      throw new StoreUnavailableException("too many commands wait for the log");
    }
    // The thread may have emptied the queue for the last time between the check and the offer.
    if (closed && queue.remove(pending)) {
      throw closing();
    }
    if (queue.size() >= awaitedUnits) {
      LockSupport.unpark(thread);
    }
    return pending.await();
  }

  /**
   * Writes the unit on the calling thread, if nobody else appends and the last one was alone too:
   * where many come together, the first of them would make all others wait.
   *
   * @return whether the unit has its outcome
   */
  private boolean writeAlone(PendingUnit unit) {
    // An interrupt would close a virtual thread's socket.
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

  /** How many units wait for the thread, 0 to {@value #QUEUED_UNITS_MAX}. */
  public int queuedUnits() {
    return queue.size();
  }

  /** Lets the batch that is being written end and refuses all others. */
  @Override
  public void close() {
    closed = true;
    // If it does not fit, the thread has enough to wake up for.
    var _ = queue.offer(wakeUp);
    try {
      if (!thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("the last append still waits for PostgreSQL; its callers are left to their own");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed) {
        PendingUnit first = queue.poll(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
        writing.lock();
        try {
          if (first != null) {
            writeOrFail(batchFrom(first));
          }
          if (System.nanoTime() - lastReading.nanos() >= HEARTBEAT.toNanos()) {
            heartbeat();
          }
        } finally {
          writing.unlock();
        }
      }
    } catch (InterruptedException _) {
      LOG.error("the appender was interrupted, which nothing here does; it stops");
    } finally {
      closed = true;
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
  }

  /** The unit and what is queued behind it, up to the size of a batch. */
  private List<PendingUnit> batchFrom(PendingUnit first) {
    awaitCompany();
    var batch = new ArrayList<PendingUnit>();
    int events = 0;
    PendingUnit unit = first;
    while (unit != null) {
      if (unit != wakeUp) {
        batch.add(unit);
        events += unit.rows.size();
      }
      PendingUnit next = queue.peek();
      boolean fits = next != null && events + next.rows.size() <= BATCH_EVENTS_MAX;
      // What is decided about keys of a workspace comes before what changes it, or in a later
      // batch.
      unit = fits && !unit.tellsOfWorkspace() ? queue.poll() : null;
    }
    return batch;
  }

  /**
   * Gives those who were answered together a moment to come back together: the first of them alone
   * would make all others wait for an append of its own. Who comes alone waits for nobody.
   */
  private void awaitCompany() {
    int expected = unitsWritten - 1; // the first of them is not in the queue any more
    long start = System.nanoTime();
    long rest = COMPANY_WAIT_MAX.toNanos();
    awaitedUnits = expected;
    while (queue.size() < expected && rest > 0) {
      LockSupport.parkNanos(rest); // until the last of them comes
      rest = COMPANY_WAIT_MAX.toNanos() - (System.nanoTime() - start);
    }
    awaitedUnits = NOBODY_AWAITED;
  }

  /** Notices a wrong clock, and that it is right again, while no append succeeds. */
  private void heartbeat() {
    try {
      compareClocks(connected());
    } catch (SQLException e) {
      LOG.debug("no heartbeat", e);
      disconnect();
    }
  }

  private void writeOrFail(List<PendingUnit> batch) {
    if (batch.isEmpty()) {
      return;
    }
    unitsWritten = batch.size();
    try {
      write(batch, true);
    } catch (RuntimeException | Error e) {
      LOG.error("an append ended in a way that nobody thought of", e);
      failAll(batch, new OutcomeUnknownException("the append broke off", e));
      disconnect();
    }
  }

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

  /** Writes each half on its own, so that in the end a losing unit stands alone. Docs: ADR 0002. */
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

  /** Fails the units that rest on what is no longer so of workspaces, and writes the others. */
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
      case "idempotency_id" -> AppendConflictException.Kind.IDEMPOTENCY;
      case null, default ->
          throw new IllegalStateException("an append collided at " + constraint, conflict);
    };
  }

  /**
   * Finds out what became of a statement whose answer was lost. As long as its backend lives, the
   * statement may still be done, so that one is ended before the log is read.
   */
  private void resolve(
      List<PendingUnit> batch, Backend lost, SQLException cause, boolean mayRetry) {
    LOG.warn("the connection broke in mid-append, looking for the outcome: {}", cause.getMessage());
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
    failAll(batch, new OutcomeUnknownException("the answer of an append was lost", cause));
  }

  private AppendConnection connected() throws SQLException {
    AppendConnection current = connection;
    if (current == null) {
      current = new AppendConnection(database);
      connection = current;
      compareClocks(current);
    }
    return current;
  }

  private void disconnect() {
    AppendConnection current = connection;
    connection = null;
    if (current != null) {
      try {
        current.close();
      } catch (SQLException e) {
        LOG.debug("a broken connection did not close", e);
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

  /** PostgreSQL looked at its clock after {@code before} and before now, if the clocks agree. */
  private void compareClocks(ClockReading before, Instant postgres) {
    Instant earliest = before.instant();
    Instant latest = before.now();
    Duration difference =
        postgres.isBefore(earliest)
            ? Duration.between(postgres, earliest)
            : postgres.isAfter(latest) ? Duration.between(latest, postgres) : Duration.ZERO;
    lastReading = new ClockReading(difference, earliest, before.nanos());
  }

  private boolean clockDiffers() {
    return clockDifference().compareTo(CLOCK_DIFFERENCE_MAX) > 0;
  }

  /**
   * How far this node's clock may be from PostgreSQL's: as far as it was when they were compared,
   * and as far as it has jumped since, by this machine's steady clock.
   */
  private Duration clockDifference() {
    ClockReading reading = lastReading;
    return reading.difference().plus(Duration.between(reading.now(), clock.instant()).abs());
  }

  /**
   * A look at this node's clock.
   *
   * @param difference how far it was from PostgreSQL's, 0 or more
   * @param instant what it said
   * @param nanos what the machine's steady clock said
   */
  private record ClockReading(Duration difference, Instant instant, long nanos) {
    /** What the node's clock says now unless it has jumped. */
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
    return new StoreUnavailableException("the log cannot be written: " + cause.getMessage(), cause);
  }

  private static StoreUnavailableException replacedLog() {
    return new StoreUnavailableException(
        "the log was replaced, or began a new incarnation, while this node ran: restart it");
  }

  private static StoreUnavailableException closing() {
    return new StoreUnavailableException("this node is shutting down");
  }
}
