package dev.keyledger.benchmarks.proofs;

import dev.keyledger.benchmarks.commands.CpuTime;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.proofs.LastSigned;
import dev.keyledger.log.proofs.LogKeys;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.TreeIntegrator;
import dev.keyledger.node.DatabaseProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Adds the log in {@code KEYLEDGER_DATABASE_URL} to its tree, proves random events, and prints the
 * cost of both.
 */
public final class ProofCosts {
  private static final int PROOFS = 5_000;
  private static final int WARM_UP = 1_000;
  private static final double NANOS_PER_MICRO = 1e3;

  private ProofCosts() {}

  /** Runs the measurement; takes no arguments. */
  public static void main(String[] arguments) throws SQLException, IOException {
    try (LedgerDatabase database = LedgerDatabase.open(DatabaseProperties.primaryOfProcess())) {
      long events = integrate(database);
      prove(LogProofs.open(database), events);
    }
  }

  private static long integrate(LedgerDatabase database) throws SQLException, IOException {
    Path directory = Files.createTempDirectory("keyledger-proofs");
    Path file = directory.resolve("checkpoint");
    var integrator =
        new TreeIntegrator(
            database, LogKeys.generate(), new LastSigned(file), InstantSource.system());
    try (Connection connection = database.openAsOwner("benchmark");
        Statement statement = connection.createStatement()) {
      long postmaster;
      try (ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
        row.next();
        postmaster = CpuTime.parentOf(row.getLong(1));
      }
      connection.setAutoCommit(false);
      CpuTime start = CpuTime.now(postmaster);
      long position = 0;
      long reached = 0;
      do {
        position = reached;
        reached = integrator.move(connection, position);
        statement.executeUpdate("UPDATE log.checkpoint SET position = " + reached);
        connection.commit();
      } while (reached > position);
      CpuTime used = CpuTime.now(postmaster).since(start);
      System.out.printf(
          "integrated %,d events: %.2f us of CPU of the node for each, %.2f us of PostgreSQL%n",
          reached,
          used.jvmNanos() / NANOS_PER_MICRO / reached,
          used.postgresNanos() / NANOS_PER_MICRO / reached);
      return reached;
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
  }

  private static void prove(LogProofs proofs, long events) {
    var random = new SplittableRandom(18);
    long[] nanos = new long[PROOFS];
    for (int i = -WARM_UP; i < PROOFS; i++) {
      long start = System.nanoTime();
      int hashes = proofs.tree(events).inclusionProof(random.nextLong(events)).size();
      if (hashes == 0) {
        throw new IllegalStateException("a proof without hashes");
      }
      if (i >= 0) {
        nanos[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "inclusion proofs of random events: median %.0f us, p99 %.0f us%n",
        nanos[PROOFS / 2] / NANOS_PER_MICRO, nanos[PROOFS * 99 / 100] / NANOS_PER_MICRO);
  }
}
