package dev.keyledger.lifecycle.idempotency;

import dev.keyledger.log.AnswerRecords;
import dev.keyledger.log.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes expired records of answers periodically, on its own thread. Every command node does so;
 * concurrent deletions are harmless.
 */
public final class ExpiredAnswers implements AutoCloseable {
  /** The time between rounds. */
  public static final Duration ROUND_EVERY = Duration.ofMinutes(5);

  /** The most rows that one statement deletes, so that none takes long. */
  public static final int ROWS_MAX = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(ExpiredAnswers.class);

  private final AnswerRecords records;
  private final ScheduledExecutorService thread;

  public ExpiredAnswers(AnswerRecords records) {
    this.records = records;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("keyledger-expired-answers").factory());
  }

  /** Starts the rounds, the first one after one interval. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::round, ROUND_EVERY.toSeconds(), ROUND_EVERY.toSeconds(), TimeUnit.SECONDS);
  }

  private void round() {
    try {
      deleteAll();
    } catch (StoreUnavailableException e) {
      LOG.info("Cannot delete expired answers now; the next round tries again: {}", e.getMessage());
    } catch (RuntimeException | Error e) { // one that is thrown would end the schedule
      LOG.error("Cannot delete expired answers", e);
    }
  }

  /**
   * Runs one round, which ends when nothing is left to delete.
   *
   * @return the number of deleted rows
   */
  public int deleteAll() {
    int deleted = 0;
    int rows;
    do {
      rows = records.deleteExpired(ROWS_MAX);
      deleted += rows;
    } while (rows == ROWS_MAX && !thread.isShutdown());
    return deleted;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
