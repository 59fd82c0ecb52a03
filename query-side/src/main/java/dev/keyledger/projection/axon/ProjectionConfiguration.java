package dev.keyledger.projection.axon;

import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogTail;
import dev.keyledger.projection.Projection;
import dev.keyledger.projection.ProjectionDatabase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Wires what moves the projections. */
@Configuration(proxyBeanMethods = false)
public class ProjectionConfiguration {
  private static final double MILLIS_PER_SECOND = 1000;

  @Bean
  ProjectionDatabase projectionDatabase(LedgerDatabase database) {
    return new ProjectionDatabase(database);
  }

  @Bean
  ProjectionProcessors projectionProcessors(
      List<Projection> projections,
      ProjectionDatabase database,
      EventCodec codec,
      LogTail tail,
      Environment environment)
      throws UnknownHostException {
    String node = environment.getProperty("KEYLEDGER_NODE_NAME");
    return new ProjectionProcessors(
        projections,
        database,
        codec,
        tail,
        node == null ? InetAddress.getLocalHost().getHostName() : node);
  }

  /** How far each projection is behind the log, whichever node moves it. */
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

  /** Down while a projection stands still at an event that it cannot apply. */
  @Bean("projections")
  HealthIndicator projectionHealth(ProjectionProcessors processors) {
    return () -> {
      var failures = processors.failures();
      var health = failures.isEmpty() ? Health.up() : Health.down();
      return health.withDetails(failures).build();
    };
  }
}
