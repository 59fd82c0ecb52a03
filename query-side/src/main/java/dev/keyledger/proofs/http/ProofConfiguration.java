package dev.keyledger.proofs.http;

import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.proofs.LastSigned;
import dev.keyledger.log.proofs.LogKeys;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import dev.keyledger.log.proofs.TreeIntegrator;
import dev.keyledger.log.receipts.NodeName;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the proofs of the log, and the signing and publishing of its checkpoints. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ProofProperties.class)
@Import({CheckpointController.class, EntryController.class})
public class ProofConfiguration {
  @Bean
  Checkpoints lastCheckpoints(LogProofs proofs) {
    return new Checkpoints(proofs);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  CheckpointSigner checkpointSigner(
      LedgerDatabase database,
      LogTail tail,
      NodeName node,
      ProofProperties properties,
      LastSigned lastSigned,
      InstantSource clock) {
    LogKeys keys = properties.logKeys();
    if (keys == null) {
      return new CheckpointSigner(null);
    }
    var integrator =
        new TreeIntegrator(database, keys, published(properties, lastSigned, database), clock);
    return new CheckpointSigner(integrator.runner(database, tail, node.value()));
  }

  /**
   * Returns the last checkpoint that was published. It counts even if the data directory was reset
   * to an earlier state.
   */
  private static LastSigned published(
      ProofProperties properties, LastSigned lastSigned, LedgerDatabase database) {
    return properties.checkpointDir().isBlank()
        ? lastSigned
        : lastSigned.alsoIn(
            CheckpointPublisher.latestIn(
                Path.of(properties.checkpointDir()), LogProofs.originOf(database)));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  CheckpointPublisher checkpointPublisher(LogProofs proofs, ProofProperties properties) {
    return new CheckpointPublisher(proofs, properties, System.out);
  }

  /** Registers the lag of the last checkpoint behind the log, whichever node signs it. */
  @Bean
  MeterBinder checkpointLag(LogProofs proofs, LogTail tail) {
    return registry ->
        Gauge.builder(
                "keyledger.checkpoint.lag.events",
                () ->
                    tail.position()
                        - proofs.checkpoint().map(SignedCheckpoint::size).orElse(0L).doubleValue())
            .description("How many events of the log no checkpoint covers yet")
            .register(registry);
  }

  /**
   * Reports DOWN while nothing is signed because the log does not extend the last signed
   * checkpoint.
   */
  @Bean("checkpoints")
  HealthIndicator checkpointHealth(CheckpointSigner signer) {
    return () ->
        signer
            .failure()
            .map(failure -> Health.down().withDetail("failure", failure).build())
            .orElseGet(() -> Health.up().build());
  }
}
