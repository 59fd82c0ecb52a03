package dev.keyledger.standalone.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/**
 * The resources that a node occupies at one moment.
 *
 * @param heapBytes the size of the reachable objects, after a collection
 * @param residentBytes the memory of the process, its buffers outside the heap included
 * @param openFiles the number of its open files, sockets included
 * @param fileBytes the size of its data directory, except what grows with the log (events, digests,
 *     owners, last uses, hashes, lists and the few snapshots of the index) and the write-ahead log
 *     of PostgreSQL, which has its own maximum
 */
record Footprint(long heapBytes, long residentBytes, long openFiles, long fileBytes) {
  private static final String TABLES_BESIDE_THE_LOG =
      """
      SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname IN ('log', 'read')
      AND c.relname NOT IN ('event', 'key_secret', 'key_owner', 'key_last_use', 'tree_tile',
                            'audit', 'directory', 'directory_expiry')
      """;

  /** Measures a standalone node, after a collection of its garbage. */
  static Footprint of(KeyledgerProcess node) throws IOException, InterruptedException {
    return new Footprint(heapBytes(node), residentBytes(node), openFiles(node), fileBytes(node));
  }

  static long heapBytes(KeyledgerProcess node) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process collection =
        new ProcessBuilder(jcmd, Long.toString(node.pid()), "GC.run")
            .redirectErrorStream(true)
            .start();
    collection.getInputStream().readAllBytes();
    assertThat(collection.waitFor()).isZero();
    return (long) Metrics.of(node).sum("jvm_memory_used_bytes", "area=\"heap\"");
  }

  static long residentBytes(KeyledgerProcess node) throws IOException {
    String resident =
        Files.readAllLines(processDirectory(node).resolve("status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .findAny()
            .orElseThrow();
    return Long.parseLong(resident.replaceAll("[^0-9]", "")) * 1024;
  }

  private static long openFiles(KeyledgerProcess node) throws IOException {
    try (Stream<Path> open = Files.list(processDirectory(node).resolve("fd"))) {
      return open.count();
    }
  }

  private static Path processDirectory(KeyledgerProcess node) {
    return Path.of("/proc", Long.toString(node.pid()));
  }

  private static long fileBytes(KeyledgerProcess node) throws IOException {
    Path database = node.dataDirectory().resolve("postgres/data");
    try (Stream<Path> files = Files.walk(node.dataDirectory())) {
      return tableBytes(node)
          + files
              .filter(file -> !file.startsWith(database.resolve("base")))
              .filter(file -> !file.startsWith(database.resolve("pg_wal")))
              .filter(file -> !file.startsWith(node.dataDirectory().resolve("snapshots")))
              .mapToLong(Footprint::size)
              .sum();
    } catch (UncheckedIOException deletedMeanwhile) {
      if (deletedMeanwhile.getCause() instanceof NoSuchFileException) {
        return fileBytes(node);
      }
      throw deletedMeanwhile;
    }
  }

  private static long tableBytes(KeyledgerProcess node) throws IOException {
    try (Connection database = node.database();
        Statement statement = database.createStatement();
        ResultSet sum = statement.executeQuery(TABLES_BESIDE_THE_LOG)) {
      assertThat(sum.next()).isTrue();
      return sum.getLong(1);
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
