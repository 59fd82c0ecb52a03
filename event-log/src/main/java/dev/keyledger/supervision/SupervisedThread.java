package dev.keyledger.supervision;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the essential threads of a node, and keeps them running.
 *
 * <ul>
 *   <li>If the work of a thread throws, that is logged and counted, and the work is executed again
 *       after a pause. The pause doubles with each failure, up to {@link #PAUSE_MAX}.
 *   <li>After an Error of the JVM itself the node is no longer sound. The thread dies, so that the
 *       default handler of uncaught exceptions ends the process.
 *   <li>A thread that has died nevertheless is reported by {@link #dead}: the node is not ready.
 * </ul>
 *
 * <p>The work ends its thread by returning, which it does when its owner is closed. Thread-safe.
 */
public final class SupervisedThread {
  /** The pause after the first failure. */
  public static final Duration PAUSE_MIN = Duration.ofMillis(100);

  /** The longest pause; work that ran for longer than that begins with the shortest one again. */
  public static final Duration PAUSE_MAX = Duration.ofSeconds(10);

  /** The interval at which a pausing thread tests whether its owner is closed. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private static final Logger LOG = LoggerFactory.getLogger(SupervisedThread.class);
  private static final LongAdder FAILURES = new LongAdder();
  private static final Set<String> DEAD = new ConcurrentSkipListSet<>();

  /** The task of a thread, until its owner is closed. It is executed again if it throws. */
  @FunctionalInterface
  public interface Work {
    void execute() throws Exception;
  }

  private final String name;
  private final BooleanSupplier wanted;
  private final Work work;

  private SupervisedThread(String name, BooleanSupplier wanted, Work work) {
    this.name = name;
    this.wanted = wanted;
    this.work = work;
  }

  /**
   * Creates a daemon thread that is not started yet.
   *
   * @param wanted false once the owner of the thread is closed; a pause then ends
   */
  public static Thread unstarted(String name, BooleanSupplier wanted, Work work) {
    return Thread.ofPlatform()
        .daemon()
        .name(name)
        .unstarted(new SupervisedThread(name, wanted, work)::run);
  }

  /** Returns the number of failures of all threads of this process. */
  public static long failures() {
    return FAILURES.sum();
  }

  /** Returns the names of the threads of this process that have died. */
  public static Set<String> dead() {
    return new TreeSet<>(DEAD);
  }

  /**
   * Ends the process if the JVM itself has failed. For code that catches every Error on a thread
   * that is not supervised.
   */
  public static void endProcessIfFatal(Throwable thrown) {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    if (isFatal(thrown) && handler != null) {
      handler.uncaughtException(Thread.currentThread(), thrown);
    }
  }

  /** Returns whether the process is unsound afterwards. A stack overflow concerns one call only. */
  private static boolean isFatal(Throwable thrown) {
    return thrown instanceof VirtualMachineError && !(thrown instanceof StackOverflowError);
  }

  private void run() {
    boolean died = true;
    try {
      Duration pause = PAUSE_MIN;
      while (true) {
        long begun = System.nanoTime();
        try {
          work.execute();
          died = false;
          return;
        } catch (Throwable failure) {
          FAILURES.increment();
          if (isFatal(failure)) {
            throw (VirtualMachineError) failure;
          }
          pause = System.nanoTime() - begun > PAUSE_MAX.toNanos() ? PAUSE_MIN : pause;
          LOG.error("{} failed; it goes on in {} ms", name, pause.toMillis(), failure);
        }
        pause(pause);
        pause = longer(pause);
      }
    } finally {
      if (died) {
        DEAD.add(name);
      }
    }
  }

  private void pause(Duration pause) {
    long begun = System.nanoTime();
    while (wanted.getAsBoolean() && System.nanoTime() - begun < pause.toNanos()) {
      LockSupport.parkNanos(Math.min(pause.toNanos(), LOOK_EVERY.toNanos()));
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }
}
