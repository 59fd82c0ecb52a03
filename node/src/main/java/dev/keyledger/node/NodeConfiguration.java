package dev.keyledger.node;

import static java.util.Objects.requireNonNull;

import dev.keyledger.access.HolderKeys;
import dev.keyledger.access.MaxStaleness;
import dev.keyledger.access.OperatorKeys;
import dev.keyledger.access.RootKeys;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.list.Cursors;
import dev.keyledger.http.request.RequestConfiguration;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.proofs.LastSigned;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.log.receipts.Receipts;
import dev.keyledger.node.snapshot.SnapshotDirectory;
import dev.keyledger.node.snapshot.Snapshots;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.KeyNumbers;
import dev.keyledger.verification.index.LastUses;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.Peppers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.ServiceLoader;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** Wires the parts of every node: the log, the index built from it, and authentication. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  DatabaseProperties.class,
  NodeProperties.class,
  SecretProperties.class
})
@Import({
  RequestConfiguration.class,
  FatalErrorResolver.class,
  LedgerHealth.class,
  ManagementConfiguration.class
})
public class NodeConfiguration {
  /** The directory of index snapshots, in the data directory. */
  private static final String SNAPSHOTS = "snapshots";

  /** The file of the last checkpoint that a node has signed, in the data directory. */
  private static final String LAST_SIGNED = "checkpoint";

  private static final String PEPPER_FINGERPRINT = "pepper-fingerprint";
  private static final String POSITION_TOKENS = "position-tokens";
  private static final String CURSORS = "cursor-seal";
  private static final int MAC_KEY_BYTES = 32;

  /** Returns the clock of the system, unless the class path provides another one. */
  @Bean
  @Primary
  InstantSource clock() {
    return ServiceLoader.load(InstantSource.class).findFirst().orElse(InstantSource.system());
  }

  @Bean(destroyMethod = "close")
  LedgerDatabase ledgerDatabase(DatabaseProperties properties) {
    return LedgerDatabase.open(properties.primary(), properties.replica());
  }

  @Bean
  EventCodec eventCodec() {
    return new EventCodec();
  }

  @Bean
  LogReader logReader(LedgerDatabase database, EventCodec codec) {
    return new LogReader(database, codec);
  }

  @Bean
  LastSigned lastSignedCheckpoint(NodeProperties properties) {
    return new LastSigned(Path.of(properties.dataDir()).resolve(LAST_SIGNED));
  }

  @Bean
  LogProofs logProofs(LedgerDatabase database) {
    return LogProofs.open(database);
  }

  /** Returns the peppers after comparing them with those of the database. */
  @Bean
  Peppers peppers(SecretProperties secrets, LedgerDatabase database) {
    Peppers peppers = secrets.parsedPeppers();
    requirePeppersOfDatabase(peppers, database);
    return peppers;
  }

  /** Rejects another pepper: nodes with different peppers would not know each other's keys. */
  private static void requirePeppersOfDatabase(Peppers peppers, LedgerDatabase database) {
    for (int version : peppers.versions()) {
      byte[] fingerprint = peppers.derive(version, PEPPER_FINGERPRINT, MAC_KEY_BYTES);
      if (!database.isPepperOfStore(version, fingerprint)) {
        throw new StartupRefusedException(
            "The pepper of version %d is not the one that this database was first used with. Give"
                    .formatted(version)
                + " all nodes the same KEYLEDGER_PEPPERS, and a new pepper a new version.");
      }
    }
  }

  @Bean
  KeyFormat keyFormat(NodeProperties properties) {
    return properties.keyFormat();
  }

  @Bean
  SnapshotDirectory snapshotDirectory(NodeProperties properties, Peppers peppers, LogReader log) {
    Path data = Path.of(properties.dataDir());
    return new SnapshotDirectory(data.resolve(SNAPSHOTS), peppers, log::head, log::leafAt);
  }

  @Bean
  KeyIndex keyIndex(SnapshotDirectory snapshots) {
    return snapshots.load();
  }

  @Bean
  KeyVerifier keyVerifier(KeyFormat format, Peppers peppers, KeyIndex index) {
    return new KeyVerifier(format, peppers, index);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  LogTail logTail(
      LedgerDatabase database, EventCodec codec, KeyIndex index, Workspaces workspaces) {
    return new LogTail(
        database,
        codec,
        index.position(),
        event -> {
          index.apply(event);
          workspaces.apply(event);
        });
  }

  /**
   * Returns the snapshots. Depends on the tail to be closed before it: the last snapshot reads the
   * log.
   */
  @Bean(initMethod = "start", destroyMethod = "close")
  Snapshots snapshots(SnapshotDirectory directory, KeyIndex index, LogTail tail) {
    return new Snapshots(directory, index);
  }

  @Bean
  PositionTokens positionTokens(LedgerDatabase database, Peppers peppers) {
    return new PositionTokens(
        database.storeId(),
        database.incarnation(),
        peppers.versions().stream()
            .map(version -> peppers.derive(version, POSITION_TOKENS, MAC_KEY_BYTES))
            .toList());
  }

  @Bean
  Cursors cursors(LedgerDatabase database, Peppers peppers) {
    return new Cursors(
        database.storeId() + "/" + database.incarnation(),
        peppers.versions().stream()
            .map(version -> peppers.derive(version, CURSORS, Cursors.KEY_BYTES))
            .toList());
  }

  @Bean
  RootKeys rootKeys(SecretProperties secrets) {
    return secrets.rootKeys();
  }

  @Bean
  CheckClock checkClock(InstantSource clock, LogTail tail) {
    return new CheckClock(clock, tail);
  }

  @Bean
  OperatorKeys operatorKeys(KeyVerifier verifier, LogTail tail, CheckClock clock, LastUses uses) {
    return new OperatorKeys(verifier, tail, clock, uses);
  }

  @Bean
  HolderKeys holderKeys(KeyVerifier verifier, LogTail tail, CheckClock clock) {
    return new HolderKeys(verifier, tail, clock);
  }

  @Bean
  LastUses lastUses(KeyIndex index) {
    return new LastUses(index);
  }

  @Bean
  LastUseTable lastUseTable(LedgerDatabase database) {
    return new LastUseTable(database);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  LastUseWriter lastUseWriter(LastUses uses, LastUseTable table) {
    return new LastUseWriter(uses, table::write);
  }

  @Bean
  MaxStaleness maxStaleness(NodeProperties properties) {
    return properties.maxStaleness();
  }

  @Bean
  Workspaces workspaces(KeyIndex index, LogReader log) {
    long position = index.position();
    return new Workspaces(
        index.keysByWorkspace(), position == 0 ? List.of() : log.readWorkspaces(position));
  }

  @Bean
  NodeMetrics nodeMetrics(
      NodeName name,
      LedgerDatabase database,
      LogTail tail,
      KeyNumbers numbers,
      Peppers peppers,
      CheckClock clock) {
    return new NodeMetrics(name, database, tail, numbers, peppers, clock);
  }

  @Bean
  KeyNumbers keyNumbers(KeyIndex index, Peppers peppers) {
    return new KeyNumbers(index, peppers);
  }

  @Bean
  NodeName nodeName(NodeProperties properties, ServerProperties mainPort) {
    return properties.name(requireNonNull(mainPort.getPort(), "server.port"));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Receipts receipts(LedgerDatabase database) {
    return new Receipts(database);
  }
}
