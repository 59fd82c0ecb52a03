package dev.keyledger.command;

import dev.keyledger.lifecycle.due.DueSweep;
import dev.keyledger.log.OutcomeUnknownException;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the sweep on a thread of the scheduler, and logs the first of several failures in a row. The
 * scheduler counts the failures in the task's row, and runs the next sweep as planned. Thread-safe.
 */
final class SweepRun {
  private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);

  private final DueSweep sweep;
  private volatile boolean failing;

  SweepRun(DueSweep sweep) {
    this.sweep = sweep;
  }

  void execute(BooleanSupplier wanted) {
    try {
      int recorded = sweep.run(wanted);
      if (failing) {
        LOG.info("Recording what is due works again: {} events", recorded);
      }
      failing = false;
    } catch (RuntimeException | Error e) {
      SupervisedThread.endProcessIfFatal(e);
      if (!failing) {
        log(e);
      }
      failing = true;
      throw e;
    }
  }

  private static void log(Throwable failure) {
    switch (failure) {
      case StoreUnavailableException _, OutcomeUnknownException _ ->
          LOG.warn(
              "Cannot record what is due; trying again every few seconds: {}",
              failure.getMessage());
      default -> LOG.error("Cannot record what is due; trying again every few seconds", failure);
    }
  }
}
