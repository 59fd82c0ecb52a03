package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.WorkspaceCatchUp;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.axon.AppendInterceptor;
import dev.keyledger.log.axon.LedgerStorageEngine;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.Tracer;
import java.time.InstantSource;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.GenericAggregateFactory;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.modelling.command.CommandTargetResolver;
import org.axonframework.modelling.command.Repository;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires Axon onto the log. */
@Configuration(proxyBeanMethods = false)
@Import({KeyAggregate.class, WorkspaceAggregate.class})
public class LedgerConfiguration {
  private static final double[] BATCH_BUCKETS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

  @Bean(destroyMethod = "close")
  LogAppender logAppender(
      LedgerDatabase database,
      EventCodec codec,
      InstantSource clock,
      LogTail tail,
      MeterRegistry registry) {
    var batches =
        DistributionSummary.builder("keyledger.append.batch")
            .description("How many events each append of this node wrote at once")
            .baseUnit("events")
            .serviceLevelObjectives(BATCH_BUCKETS)
            .register(registry);
    return new LogAppender(
        database,
        codec,
        clock,
        (events, backendPid) -> {
          tail.take(events, backendPid);
          batches.record(events.size());
        });
  }

  @Bean
  RecentKeys recentKeys() {
    return new RecentKeys(RecentKeys.keysMaxOf(Runtime.getRuntime().maxMemory()));
  }

  /**
   * Returns the repository, with a factory that calls the constructor, not one that asks Spring for
   * each key.
   */
  @Bean
  Repository<KeyAggregate> keyRepository(EmbeddedEventStore store, RecentKeys recent) {
    return EventSourcingRepository.builder(KeyAggregate.class)
        .eventStore(store)
        .aggregateFactory(new GenericAggregateFactory<>(KeyAggregate.class))
        .cache(recent)
        .build();
  }

  @Bean
  Repository<WorkspaceAggregate> workspaceRepository(EmbeddedEventStore store) {
    return EventSourcingRepository.builder(WorkspaceAggregate.class)
        .eventStore(store)
        .aggregateFactory(new GenericAggregateFactory<>(WorkspaceAggregate.class))
        .build();
  }

  @Bean
  KeyBatchHandler keyBatchHandler(
      Repository<KeyAggregate> keyRepository,
      EmbeddedEventStore store,
      LogReader log,
      KeySideRows sideRows,
      LastUseTable lastUses) {
    return new KeyBatchHandler(keyRepository, store, log, sideRows, lastUses);
  }

  @Bean
  EmbeddedEventStore eventStore(LogReader reader) {
    return EmbeddedEventStore.builder().storageEngine(new LedgerStorageEngine(reader)).build();
  }

  /** Returns a manager without transactions: the log is its own transaction, one statement. */
  @Bean
  TransactionManager axonTransactionManager() {
    return NoTransactionManager.INSTANCE;
  }

  @Bean
  CommandTargetResolver keyCommandTargets() {
    return message -> target(((KeyCommand) message.getPayload()).keyId().value());
  }

  @Bean
  CommandTargetResolver workspaceCommandTargets() {
    return message -> target(((WorkspaceCommand) message.getPayload()).workspace());
  }

  private static VersionedAggregateIdentifier target(Object aggregate) {
    return new VersionedAggregateIdentifier(aggregate, null);
  }

  /** Returns the bus, whose interceptors run in this order around the handler of each command. */
  @Bean
  CommandBus commandBus(
      LogAppender appender,
      LogReader log,
      MeterRegistry registry,
      ObjectProvider<CommandSpans> spans) {
    CommandBus bus = SimpleCommandBus.builder().build();
    spans.ifAvailable(bus::registerHandlerInterceptor);
    bus.registerHandlerInterceptor(new CommandMetrics(registry));
    bus.registerHandlerInterceptor(new AppendInterceptor(appender, log));
    bus.registerHandlerInterceptor(new AnswerInterceptor());
    return bus;
  }

  @Bean
  @ConditionalOnProperty("management.tracing.export.enabled")
  CommandSpans commandSpans(Tracer tracer) {
    return new CommandSpans(tracer);
  }

  @Bean
  Ledger axonLedger(CommandGateway gateway, WorkspaceCatchUp workspaces, RecentKeys recent) {
    return new AxonLedger(gateway, workspaces, recent);
  }
}
