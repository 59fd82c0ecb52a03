package dev.keyledger.command;

import com.github.kagkarlsson.scheduler.Clock;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.boot.config.DbSchedulerCustomizer;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import dev.keyledger.access.Workspaces;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.due.DueKeyTable;
import dev.keyledger.lifecycle.due.DueKeys;
import dev.keyledger.lifecycle.due.DueSweep;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.NodeName;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Wires the sweep, which db-scheduler runs on one of the command nodes at a time: the node that has
 * the task's row. If that node crashes during a sweep, another one takes over after a few seconds.
 * The intervals are in {@code keyledger.properties}.
 */
@Configuration(proxyBeanMethods = false)
class ScheduleConfiguration {
  /** The time from the end of one sweep to the start of the next. */
  static final Duration SWEEP_EVERY = Duration.ofSeconds(2);

  private static final String TASK = "due-sweep";
  private static final int CONNECTIONS_MAX = 4;

  /**
   * Returns the scheduler's connections. The starter takes the only data source that is a bean;
   * everything else opens its own pool.
   */
  @Bean
  DataSource scheduleConnections(LedgerDatabase database) {
    database.migrate(DueKeyTable.SCHEMA, DueKeyTable.MIGRATIONS);
    return database.openPool("schedule", CONNECTIONS_MAX);
  }

  @Bean
  DueKeys dueKeys(DataSource scheduleConnections, LogTail tail) {
    return new DueKeyTable(scheduleConnections, tail);
  }

  @Bean
  DueSweep dueSweep(DueKeys dueKeys, Ledger ledger, Workspaces workspaces, InstantSource clock) {
    return new DueSweep(dueKeys, ledger, workspaces, clock);
  }

  @Bean
  RecurringTask<Void> dueSweepTask(DueSweep sweep) {
    var run = new SweepRun(sweep);
    return Tasks.recurring(TASK, FixedDelay.of(SWEEP_EVERY))
        .execute((_, context) -> run.execute(() -> !context.getSchedulerState().isShuttingDown()));
  }

  /**
   * Returns PostgreSQL's clock as this node knows it: a node whose own clock is ahead would delay
   * the next sweep of all nodes.
   */
  @Bean
  Clock schedulerClock(LogTail tail) {
    return () -> tail.storeClock().plus(tail.sinceContact());
  }

  @Bean
  DbSchedulerCustomizer schedulerCustomizer(NodeName node) {
    return new DbSchedulerCustomizer() {
      @Override
      public Optional<SchedulerName> schedulerName() {
        return Optional.of(new SchedulerName.Fixed(node.value()));
      }
    };
  }
}
