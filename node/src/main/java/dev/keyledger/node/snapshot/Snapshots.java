package dev.keyledger.node.snapshot;

import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.index.IndexSnapshot;
import dev.keyledger.verification.index.KeyIndex;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots of an index on its own thread: when enough has changed since the last one, and
 * when the node stops. If a snapshot cannot be written, a warning is logged, and the time until the
 * next attempt doubles, up to {@link #ATTEMPTS_APART_MAX}.
 *
 * <p>A stopping node has little time. It writes no snapshot if the last one took longer than {@link
 * #CLOSING_MAX}, and aborts a snapshot that takes longer.
 */
public final class Snapshots implements AutoCloseable {
  /** The fewest new events that justify a snapshot. */
  static final int EVENTS_MIN = 10_000;

  /**
   * The number of keys per new event that make a snapshot due in a large index: its cost grows with
   * the keys.
   */
  static final int KEYS_PER_EVENT = 20;

  static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);
  static final Duration CLOSING_MAX = Duration.ofSeconds(3);

  /** The longest time between attempts after failed ones. */
  static final Duration ATTEMPTS_APART_MAX = Duration.ofHours(1);

  private static final Duration ABORT_MAX = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final SnapshotDirectory directory;
  private final KeyIndex index;
  private final Duration checkInterval;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile long closingSinceNanos;

  private Duration tookLast = Duration.ZERO;

  /**
   * Creates the writer; {@link #start} starts it.
   *
   * @param index index that the directory has loaded
   */
  public Snapshots(SnapshotDirectory directory, KeyIndex index) {
    this(directory, index, CHECK_INTERVAL);
  }

  Snapshots(SnapshotDirectory directory, KeyIndex index, Duration checkInterval) {
    this.directory = directory;
    this.index = index;
    this.checkInterval = checkInterval;
    this.thread =
        SupervisedThread.unstarted("keyledger-snapshots", () -> closing.getCount() > 0, this::run);
  }

  /** Starts the periodic checks; once. */
  public void start() {
    thread.start();
  }

  /** Writes a last snapshot, if there is time. */
  @Override
  public void close() {
    closingSinceNanos = System.nanoTime();
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(CLOSING_MAX.plus(ABORT_MAX))) {
        LOG.warn("A snapshot is still being written; it is aborted with the process");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether so many new events justify a snapshot of so many keys. */
  static boolean isDue(long events, int keys) {
    return events >= Math.max(EVENTS_MIN, keys / KEYS_PER_EVENT);
  }

  private void run() throws InterruptedException {
    Duration pause = checkInterval;
    while (!closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
      boolean failed = isDue(index.position() - directory.position(), index.keys()) && !write();
      pause = failed ? afterFailure(pause) : checkInterval;
    }
    if (index.position() > directory.position() && tookLast.compareTo(CLOSING_MAX) <= 0) {
      boolean _ = write();
    }
  }

  /** Returns the time until the next attempt. */
  static Duration afterFailure(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(ATTEMPTS_APART_MAX) < 0 ? doubled : ATTEMPTS_APART_MAX;
  }

  /** Returns false if it failed. */
  private boolean write() {
    long began = System.nanoTime();
    try {
      Optional<IndexSnapshot> snapshot = index.snapshot();
      if (snapshot.isEmpty()) {
        return true;
      }
      boolean written = directory.write(snapshot.get(), this::isOutOfTime);
      tookLast = Duration.ofNanos(System.nanoTime() - began);
      if (written) {
        LOG.info(
            "wrote a snapshot of {} keys as of position {} in {} ms",
            snapshot.get().keys(),
            directory.position(),
            tookLast.toMillis());
      } else {
        LOG.info("aborted a snapshot after {} ms, because this node stops", tookLast.toMillis());
      }
      return true;
    } catch (IOException | StoreUnavailableException e) {
      LOG.warn("no snapshot was written: {}", e.toString());
    } catch (RuntimeException e) {
      LOG.warn("no snapshot was written", e);
    }
    return false;
  }

  private boolean isOutOfTime() {
    return closing.getCount() == 0 && System.nanoTime() - closingSinceNanos > CLOSING_MAX.toNanos();
  }
}
