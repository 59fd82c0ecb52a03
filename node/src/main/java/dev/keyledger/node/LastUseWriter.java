package dev.keyledger.node;

import dev.keyledger.events.KeyId;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.index.LastUses;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down when keys were last used: once a second, of {@value #ROWS_PER_SECOND_MAX} keys at
 * most. If more are used each minute, they take turns: every key's time is written once a round,
 * and a round takes as long as the budget makes it. What cannot be written stays in memory, where
 * it takes no more room than before.
 */
public final class LastUseWriter implements AutoCloseable {
  /** The budget of a node. */
  public static final int ROWS_PER_SECOND_MAX = 1_000;

  /** How long an ending node goes on writing what is left. */
  public static final Duration AT_END_MAX = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(LastUseWriter.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final LastUses uses;
  private final Consumer<Map<KeyId, Instant>> table;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Thread thread;
  private boolean failing;

  /**
   * @param table takes the minute of each key's last use; throws {@link StoreUnavailableException}
   */
  public LastUseWriter(LastUses uses, Consumer<Map<KeyId, Instant>> table) {
    this.uses = uses;
    this.table = table;
    this.thread = Thread.ofPlatform().daemon().name("keyledger-last-uses").unstarted(this::run);
  }

  /** Begins to write. */
  public void start() {
    thread.start();
  }

  /** Writes what is left, for {@link #AT_END_MAX} at most. */
  @Override
  public void close() {
    ending.countDown();
    try {
      if (thread.isAlive() && !thread.join(AT_END_MAX)) {
        LOG.warn("Some last uses were not written");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!ending.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        write();
      }
      long start = System.nanoTime();
      boolean more = true;
      while (more && System.nanoTime() - start < AT_END_MAX.toNanos()) {
        more = write() == ROWS_PER_SECOND_MAX;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Of how many keys something was written. */
  private int write() {
    try {
      int written = uses.write(ROWS_PER_SECOND_MAX, table);
      failing = false;
      return written;
    } catch (StoreUnavailableException unavailable) {
      if (!failing) {
        LOG.warn("Last uses stay in memory for now: {}", unavailable.getMessage());
      }
      failing = true;
      return 0;
    } catch (RuntimeException defect) {
      LOG.error("Last uses cannot be written", defect);
      return 0;
    }
  }
}
