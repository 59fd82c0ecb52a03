package dev.keyledger.lifecycle.idempotency;

import dev.keyledger.log.AnswerRecords;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
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

  /** The maximum number of rows that one statement deletes, so that none takes long. */
  public static final int ROWS_MAX = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(ExpiredAnswers.class);

  private final AnswerRecords records;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  public ExpiredAnswers(AnswerRecords records) {
    this.records = records;
    this.thread =
        SupervisedThread.unstarted(
            "keyledger-expired-answers", () -> closing.getCount() > 0, this::run);
  }

  /** Starts the rounds, the first one after one interval. */
  public void start() {
    thread.start();
  }

  private void run() throws InterruptedException {
    while (!closing.await(ROUND_EVERY.toSeconds(), TimeUnit.SECONDS)) {
      try {
        deleteAll();
      } catch (StoreUnavailableException e) {
        LOG.info(
            "Cannot delete expired answers now; the next round tries again: {}", e.getMessage());
      }
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
    } while (rows == ROWS_MAX && closing.getCount() > 0);
    return deleted;
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
