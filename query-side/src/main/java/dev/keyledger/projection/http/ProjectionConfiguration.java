package dev.keyledger.projection.http;

import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.projection.Projection;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.ProjectionRunners;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the runners of the projections, their metrics and their health. */
@Configuration(proxyBeanMethods = false)
public class ProjectionConfiguration {
  private static final double MILLIS_PER_SECOND = 1000;

  @Bean
  ProjectionDatabase projectionDatabase(LedgerDatabase database) {
    return new ProjectionDatabase(database);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  ProjectionRunners projectionRunners(
      List<Projection> projections, ProjectionDatabase database, LogTail tail, NodeName node) {
    return new ProjectionRunners(projections, database, tail, node.value());
  }

  /** Registers the lag of each projection behind the log, whichever node updates it. */
  @Bean
  MeterBinder projectionLag(List<Projection> projections, ProjectionDatabase database) {
    return registry -> {
      for (Projection projection : projections) {
        Gauge.builder("keyledger.projection.lag.events", () -> database.lag(projection).events())
            .description("How many events of the log the projection does not show yet")
            .tag("projection", projection.name())
            .register(registry);
        Gauge.builder("keyledger.projection.lag", () -> secondsBehind(database, projection))
            .description("How long ago the first event happened that it does not show yet")
            .baseUnit("seconds")
            .tag("projection", projection.name())
            .register(registry);
      }
    };
  }

  private static double secondsBehind(ProjectionDatabase database, Projection projection) {
    return database.lag(projection).age().toMillis() / MILLIS_PER_SECOND;
  }

  /** Reports DOWN while a projection is stopped at an event that it cannot apply. */
  @Bean("projections")
  HealthIndicator projectionHealth(ProjectionRunners runners) {
    return () -> {
      var failures = runners.failures();
      var health = failures.isEmpty() ? Health.up() : Health.down();
      return health.withDetails(failures).build();
    };
  }
}
