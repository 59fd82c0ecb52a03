package dev.keyledger.feed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The events that this node has applied, for any number of followers, each at its own position. A
 * follower needs no state here: one that is nearly up to date reads the events that the node keeps
 * in memory anyway, and one that is further behind reads the log in parts.
 *
 * <p>Followers wait here and not at the tail, whose only waiter is the thread of the feed. So the
 * thread that applies an event wakes one thread, however many followers there are. The more
 * followers the feed's thread wakes, the longer it pauses afterwards, and the more events each
 * follower gets at once. Thread-safe.
 */
public final class Feed implements AutoCloseable {
  /** The maximum number of events of a part. */
  static final int PART_EVENTS_MAX = 200;

  /** The maximum number of events, of all workspaces, that one read of the log examines. */
  static final int READ_EVENTS_MAX = 10_000;

  /** The maximum number of followers that read the log at the same time; others wait. */
  static final int READS_AT_ONCE_MAX = 2;

  private static final Duration READ_WAIT_MAX = Duration.ofMillis(100);

  /** The maximum rate of wake-ups, over all followers. It limits the cost of a busy log. */
  private static final int WAKE_UPS_PER_SECOND_MAX = 5_000;

  private static final Duration PAUSE_MIN = Duration.ofMillis(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final LogTail log;
  private final LogReader reader;
  private final Semaphore reads = new Semaphore(READS_AT_ONCE_MAX, true);
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Condition moved = lock.newCondition();

  @GuardedBy("lock")
  private final Condition wanted = lock.newCondition();

  @GuardedBy("lock")
  private final Condition ended = lock.newCondition();

  @GuardedBy("lock")
  private int waiting;

  /** The position at which followers were last woken. */
  @GuardedBy("lock")
  private long announced;

  private volatile boolean closed;

  public Feed(LogTail log, LogReader reader) {
    this.log = log;
    this.reader = reader;
    this.thread = SupervisedThread.unstarted("keyledger-feed", () -> !closed, this::announce);
  }

  /**
   * A part of the log.
   *
   * @param events the events of the workspace, in order and complete
   * @param position the last position, of any workspace, that the part covers
   * @param asOf every event of the log up to that time is in this part or before it
   * @param behind the number of events, of all workspaces, that this node has applied after it
   */
  public record Part(List<LoggedEvent> events, long position, Instant asOf, long behind) {
    public Part {
      events = List.copyOf(events);
    }
  }

  /** Starts to wake followers. Called once. */
  public void start() {
    thread.start();
  }

  /** Returns the position that this node has applied. */
  public long position() {
    return log.position();
  }

  /** Returns false once the node stops. */
  public boolean isOpen() {
    return !closed;
  }

  /**
   * Waits until this node has applied an event after a position, or the feed is closed.
   *
   * @param max the longest wait; zero or less does not wait
   */
  public void await(long position, Duration max) {
    lock.lock();
    try {
      if (waiting++ == 0) {
        wanted.signal();
      }
      awaitMove(position, max);
      waiting--;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void awaitMove(long position, Duration max) {
    try {
      long nanos = max.toNanos();
      while (log.position() <= position && !closed && nanos > 0) {
        nanos = moved.awaitNanos(nanos);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns the next part of a workspace.
   *
   * @param position the last position, of any workspace, that the follower has seen
   * @return empty if too many other followers are reading the log
   * @throws StoreUnavailableException if the log cannot be read
   */
  public Optional<Part> after(String workspace, long position) {
    Instant asOf = log.asOf(); // first: whatever happened by then is applied
    long applied = log.position();
    if (position >= applied) {
      return Optional.of(new Part(List.of(), position, asOf, 0));
    }
    List<LoggedEvent> recent = log.recentAfter(position, PART_EVENTS_MAX);
    if (recent.isEmpty()) {
      return read(workspace, position, applied, asOf);
    }
    LoggedEvent last = recent.getLast();
    long behind = Math.max(0, applied - last.position());
    return Optional.of(
        new Part(
            recent.stream().filter(event -> event.workspace().equals(workspace)).toList(),
            last.position(),
            behind == 0 ? asOf : before(last),
            behind));
  }

  private Optional<Part> read(String workspace, long position, long applied, Instant asOf) {
    if (!mayRead()) {
      return Optional.empty();
    }
    try {
      long end = Math.min(applied, position + READ_EVENTS_MAX);
      List<LoggedEvent> events = reader.readAfter(workspace, position, end, PART_EVENTS_MAX);
      LoggedEvent last =
          events.size() == PART_EVENTS_MAX
              ? events.getLast()
              : reader.readAfter(end - 1, 1).getFirst();
      long behind = applied - last.position();
      return Optional.of(
          new Part(events, last.position(), behind == 0 ? asOf : before(last), behind));
    } finally {
      reads.release();
    }
  }

  private boolean mayRead() {
    try {
      return reads.tryAcquire(READ_WAIT_MAX.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Returns the time just before that of an event. The next one may have the same time, but never
   * an earlier one.
   */
  private static Instant before(LoggedEvent last) {
    return last.time().minus(1, ChronoUnit.MICROS);
  }

  private void announce() throws InterruptedException {
    while (!closed) {
      boolean more = log.await(nextWanted(), LOOK_EVERY);
      int woken = more ? wake() : 0;
      if (log.failure().isPresent()) {
        pause(PAUSE_AFTER_FAILURE);
      } else {
        pause(longer(Duration.ofSeconds(woken).dividedBy(WAKE_UPS_PER_SECOND_MAX), PAUSE_MIN));
      }
    }
  }

  /** Waits until a follower waits; returns the position to wake it at. */
  private long nextWanted() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting == 0 && !closed) {
        wanted.await();
      }
      return announced + 1;
    } finally {
      lock.unlock();
    }
  }

  private int wake() {
    lock.lock();
    try {
      announced = log.position();
      moved.signalAll();
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration time) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = time.toNanos();
      while (nanos > 0 && !closed) {
        nanos = ended.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Ends all waits. Followers then see that the feed is closed. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      moved.signalAll();
      wanted.signalAll();
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
