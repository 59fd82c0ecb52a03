package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.CommandCount;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.axon.LedgerStorageEngine;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.GenericAggregateFactory;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.correlation.CorrelationDataProvider;
import org.axonframework.modelling.command.CommandTargetResolver;
import org.axonframework.modelling.command.Repository;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires Axon onto the log. */
@Configuration(proxyBeanMethods = false)
@Import(KeyAggregate.class)
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

  /** With a factory that calls the constructor, not one that asks Spring for each key. */
  @Bean
  Repository<KeyAggregate> keyRepository(EmbeddedEventStore store, RecentKeys recent) {
    return EventSourcingRepository.builder(KeyAggregate.class)
        .eventStore(store)
        .aggregateFactory(new GenericAggregateFactory<>(KeyAggregate.class))
        .cache(recent)
        .build();
  }

  @Bean
  EmbeddedEventStore eventStore(LogAppender appender, LogReader reader) {
    return EmbeddedEventStore.builder()
        .storageEngine(new LedgerStorageEngine(appender, reader))
        .build();
  }

  /** The log is its own transaction: one statement. */
  @Bean
  TransactionManager axonTransactionManager() {
    return NoTransactionManager.INSTANCE;
  }

  @Bean
  CommandTargetResolver keyCommandTargets() {
    return message -> {
      Object keyId = ((KeyCommand) message.getPayload()).keyId().value();
      return new VersionedAggregateIdentifier(keyId, null);
    };
  }

  /** Nothing travels from message to message: the engine asks the command where it comes from. */
  @Bean
  CorrelationDataProvider noCorrelation() {
    return _ -> Map.of();
  }

  @Bean
  CommandCount commandCount(MeterRegistry registry) {
    return (command, outcome) ->
        registry
            .counter("keyledger.commands", "type", command.getSimpleName(), "outcome", outcome)
            .increment();
  }

  @Bean
  KeyLedger keyLedger(
      CommandGateway gateway,
      LogAppender appender,
      LogReader log,
      RecentKeys recent,
      CommandCount count) {
    return new MeteredKeyLedger(new AxonKeyLedger(gateway, appender, log, recent), count);
  }
}
