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
 * Deletes the records of answers that are too old to count, every now and then. Each command node
 * does so; they do not get into each other's way. Its own thread does the work.
 */
public final class ExpiredAnswers implements AutoCloseable {
  /** The time from one round to the next. */
  public static final Duration ROUND_EVERY = Duration.ofMinutes(5);

  /** The most rows that one statement deletes, so that none takes long. */
  public static final int ROWS_MAX = 1000;

  /** The most statements of a round; what is left waits for the next one. */
  public static final int STATEMENTS_MAX = 100;

  private static final Logger LOG = LoggerFactory.getLogger(ExpiredAnswers.class);

  private final AnswerRecords records;
  private final ScheduledExecutorService thread;

  public ExpiredAnswers(AnswerRecords records) {
    this.records = records;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("keyledger-expired-answers").factory());
  }

  /** Begins the rounds, the first of them one interval from now. */
  public void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::round, ROUND_EVERY.toSeconds(), ROUND_EVERY.toSeconds(), TimeUnit.SECONDS);
  }

  private void round() {
    try {
      deleteAll();
    } catch (StoreUnavailableException e) {
      LOG.info("Old answers are kept a little longer: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("Old answers could not be deleted", e);
    }
  }

  /**
   * One round.
   *
   * @return how many rows were deleted
   */
  public int deleteAll() {
    int deleted = 0;
    for (int i = 0; i < STATEMENTS_MAX; i++) {
      int rows = records.deleteExpired(ROWS_MAX);
      deleted += rows;
      if (rows < ROWS_MAX) {
        break;
      }
    }
    return deleted;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
