package dev.keyledger.benchmarks.commands;

import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.verification.index.KeyIndex;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Another process that maintains a key index and records when it has applied each event. Times are
 * those of the machine's monotonic clock, which all its processes share.
 */
final class Follower implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String READY = "ready";

  /** An applied event. */
  record Applied(long position, long nanos) {}

  private final Process process;
  private final Path file;

  private Follower(Process process, Path file) {
    this.process = process;
    this.file = file;
  }

  /** Starts a follower of the database in the environment; returns when it has caught up. */
  static Follower start() throws IOException {
    Path file = Files.createTempFile("keyledger-follower", ".bin");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Follower.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line;
    do {
      line = process.inputReader().readLine();
    } while (line != null && !line.equals(READY));
    if (line == null) {
      throw new IllegalStateException("the follower did not become ready");
    }
    return new Follower(process, file);
  }

  /** Stops it, and returns what it has applied since it was ready. */
  List<Applied> finish() throws IOException, InterruptedException {
    process.outputWriter().close();
    process.waitFor();
    var applied = new ArrayList<Applied>();
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      for (int rest = in.readInt(); rest > 0; rest--) {
        applied.add(new Applied(in.readLong(), in.readLong()));
      }
    }
    return applied;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    Files.deleteIfExists(file);
  }

  /** Runs the other process until its input ends. */
  public static void main(String[] arguments) throws IOException {
    var codec = new EventCodec();
    var index = new KeyIndex();
    var applied = new ArrayList<Applied>();
    OutputStream file = Files.newOutputStream(Path.of(arguments[0]));
    try (LedgerDatabase database = LedgerDatabase.open(DatabaseProperties.primaryOfProcess());
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(file))) {
      long head = new LogReader(database, codec).head().position();
      var tail =
          new LogTail(
              database,
              codec,
              0,
              event -> {
                index.apply(event);
                if (event.position() > head) {
                  applied.add(new Applied(event.position(), System.nanoTime()));
                }
              });
      try (tail) {
        tail.start();
        if (!tail.await(head, PATIENCE)) {
          throw new IllegalStateException(tail.failure().orElse("not caught up in time"));
        }
        System.out.println(READY);
        while (System.in.read() >= 0) {
          // Only the end of the input matters.
        }
      }
      out.writeInt(applied.size());
      for (Applied event : applied) {
        out.writeLong(event.position());
        out.writeLong(event.nanos());
      }
    }
  }
}
