package dev.keyledger.node.snapshot;

import dev.keyledger.log.StoreUnavailableException;
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
 * Writes snapshots of an index, on a thread of its own: when enough has changed since the last one,
 * and when the node ends. One that cannot be written costs a warning and nothing else.
 *
 * <p>At the end there is little time. So then none is written if the last one took longer than
 * {@link #CLOSING_MAX}, and whatever is being written is given up after it.
 */
public final class Snapshots implements AutoCloseable {
  /** How many events have to be applied, at least, to be worth a snapshot. */
  static final int EVENTS_MIN = 10_000;

  /** In a large index, one for so many keys: what a snapshot costs grows with the keys. */
  static final int KEYS_PER_EVENT = 20;

  static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);
  static final Duration CLOSING_MAX = Duration.ofSeconds(3);

  private static final Duration GIVING_UP_MAX = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final SnapshotDirectory directory;
  private final KeyIndex index;
  private final Duration betweenLooks;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile long closingSinceNanos;

  private Duration tookLast = Duration.ZERO;

  /**
   * Begins once started.
   *
   * @param index as the directory has loaded it
   */
  public Snapshots(SnapshotDirectory directory, KeyIndex index) {
    this(directory, index, BETWEEN_LOOKS);
  }

  Snapshots(SnapshotDirectory directory, KeyIndex index, Duration betweenLooks) {
    this.directory = directory;
    this.index = index;
    this.betweenLooks = betweenLooks;
    this.thread = Thread.ofPlatform().daemon().name("keyledger-snapshots").unstarted(this::run);
  }

  /** Begins to look now and then; once. */
  public void start() {
    thread.start();
  }

  /** Writes what is not on disk yet, if there is time. */
  @Override
  public void close() {
    closingSinceNanos = System.nanoTime();
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(CLOSING_MAX.plus(GIVING_UP_MAX))) {
        LOG.warn("a snapshot is still being written; it ends with the process");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether so many events that are not on disk are worth a snapshot of so many keys. */
  static boolean isDue(long events, int keys) {
    return events >= Math.max(EVENTS_MIN, keys / KEYS_PER_EVENT);
  }

  private void run() {
    try {
      while (!closing.await(betweenLooks.toNanos(), TimeUnit.NANOSECONDS)) {
        if (isDue(index.position() - directory.position(), index.keys())) {
          write();
        }
      }
    } catch (InterruptedException _) {
      return; // nothing here does that
    }
    if (index.position() > directory.position() && tookLast.compareTo(CLOSING_MAX) <= 0) {
      write();
    }
  }

  private void write() {
    long began = System.nanoTime();
    Optional<IndexSnapshot> snapshot = index.snapshot();
    if (snapshot.isEmpty()) {
      return;
    }
    try {
      boolean written = directory.write(snapshot.get(), this::isOutOfTime);
      tookLast = Duration.ofNanos(System.nanoTime() - began);
      if (written) {
        LOG.info(
            "wrote a snapshot of {} keys as of position {} in {} ms",
            snapshot.get().keys(),
            directory.position(),
            tookLast.toMillis());
      } else {
        LOG.info("a snapshot was given up after {} ms, for this node ends", tookLast.toMillis());
      }
    } catch (IOException | StoreUnavailableException e) {
      LOG.warn("no snapshot was written: {}", e.toString());
    } catch (RuntimeException | Error e) {
      LOG.warn("no snapshot was written", e);
    }
  }

  private boolean isOutOfTime() {
    return closing.getCount() == 0 && System.nanoTime() - closingSinceNanos > CLOSING_MAX.toNanos();
  }
}
