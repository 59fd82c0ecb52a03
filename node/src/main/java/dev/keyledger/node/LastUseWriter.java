package dev.keyledger.node;

import dev.keyledger.events.SecretUse;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.index.LastUses;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the times of last use to the database: once a second, for at most {@value
 * #ROWS_PER_SECOND_MAX} secrets. If more are used per minute, they take turns, so that each is
 * written once per round; the first use of a new secret is written before others. Times that cannot
 * be written stay in memory, at no additional cost.
 */
public final class LastUseWriter implements AutoCloseable {
  /** The maximum number of secrets whose use a node writes per second. */
  public static final int ROWS_PER_SECOND_MAX = 1_000;

  /** The longest time that a stopping node spends on writing the rest. */
  public static final Duration AT_END_MAX = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(LastUseWriter.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final LastUses uses;
  private final Consumer<Collection<SecretUse>> table;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Thread thread;
  private boolean failing;

  /**
   * @param table writes the minute of each secret's last use; throws {@link
   *     StoreUnavailableException}
   */
  public LastUseWriter(LastUses uses, Consumer<Collection<SecretUse>> table) {
    this.uses = uses;
    this.table = table;
    this.thread =
        SupervisedThread.unstarted("keyledger-last-uses", () -> ending.getCount() > 0, this::run);
  }

  /** Starts to write; once. */
  public void start() {
    thread.start();
  }

  /** Writes the rest, for at most {@link #AT_END_MAX}. */
  @Override
  public void close() {
    ending.countDown();
    try {
      if (thread.isAlive() && !thread.join(AT_END_MAX)) {
        LOG.warn("Some times of last use were not written before the node stopped");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() throws InterruptedException {
    while (!ending.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
      write();
    }
    long start = System.nanoTime();
    boolean more = true;
    while (more && System.nanoTime() - start < AT_END_MAX.toNanos()) {
      more = write() == ROWS_PER_SECOND_MAX;
    }
  }

  /** Returns the number of secrets written. */
  private int write() {
    try {
      int written = uses.write(ROWS_PER_SECOND_MAX, table);
      failing = false;
      return written;
    } catch (StoreUnavailableException unavailable) {
      if (!failing) {
        LOG.warn(
            "Cannot write times of last use; they stay in memory until the next attempt: {}",
            unavailable.getMessage());
      }
      failing = true;
      return 0;
    }
  }
}
