package dev.keyledger.standalone.postgres;

import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** PostgreSQL's main process, as described by its file {@code postmaster.pid} and by the system. */
final class Postmaster {
  private static final Duration FAST = Duration.ofSeconds(6);
  private static final Duration IMMEDIATE = Duration.ofSeconds(2);

  /** The wait for an orphan to stop; long enough to finish its checkpoint. */
  private static final Duration FAST_FOR_ORPHAN = Duration.ofSeconds(30);

  private static final int LINE_OF_PID = 0;
  private static final int LINE_OF_PORT = 3;
  private static final int LINE_OF_STATUS = 7;

  private Postmaster() {}

  /** Returns whether this process reports that it accepts connections to this database. */
  static boolean isReady(Path data, Process process) throws IOException {
    List<String> lines = pidFile(data);
    return lines.size() > LINE_OF_STATUS
        && lines.get(LINE_OF_PID).strip().equals(Long.toString(process.pid()))
        && lines.get(LINE_OF_STATUS).strip().equals("ready");
  }

  /** Returns the port of the server on this data directory; empty if none accepts connections. */
  static OptionalInt portOf(Path data) throws IOException {
    List<String> lines = pidFile(data);
    return lines.size() > LINE_OF_STATUS
            && lines.get(LINE_OF_STATUS).strip().equals("ready")
            && servesDirectory(Long.parseLong(lines.get(LINE_OF_PID).strip()), data.toRealPath())
        ? OptionalInt.of(Integer.parseInt(lines.get(LINE_OF_PORT).strip()))
        : OptionalInt.empty();
  }

  /**
   * Stops a server that a killed Keyledger left running on this data directory. The caller holds
   * the lock of the data directory, so that no other process uses that server.
   *
   * @throws StartupRefusedException if it does not stop
   */
  static void endOrphan(Path data, Consumer<String> progress) throws IOException {
    List<String> lines = pidFile(data);
    if (lines.isEmpty()) {
      return;
    }
    long pid = Long.parseLong(lines.get(LINE_OF_PID).strip());
    if (servesDirectory(pid, data)) {
      progress.accept("Ending PostgreSQL (process %d), left by a killed Keyledger".formatted(pid));
      if (!ProcessHandle.of(pid).map(process -> end(process, FAST_FOR_ORPHAN)).orElse(true)) {
        throw new StartupRefusedException(
            "PostgreSQL (process %d), left by a killed Keyledger, does not end: end it and start again."
                .formatted(pid));
      }
    } else if (ProcessHandle.of(pid).isPresent()) {
      // Another process has the number by now, perhaps one of our own threads. PostgreSQL would
      // take that one for a rival and not start.
      Files.deleteIfExists(data.resolve("postmaster.pid"));
    }
  }

  /** Stops a server with a fast shutdown, which does not wait for its clients. */
  static void end(Process process) {
    if (!end(process.toHandle(), FAST)) {
      process.destroyForcibly();
    }
  }

  private static boolean end(ProcessHandle process, Duration patience) {
    signal(process, "INT");
    if (ended(process, patience)) {
      return true;
    }
    signal(process, "QUIT");
    return ended(process, IMMEDIATE);
  }

  private static boolean ended(ProcessHandle process, Duration patience) {
    process.onExit().completeOnTimeout(process, patience.toMillis(), TimeUnit.MILLISECONDS).join();
    return !process.isAlive();
  }

  /**
   * Sends a signal by the shell: Java sends only SIGTERM, on which PostgreSQL waits for its clients
   * to leave.
   */
  private static void signal(ProcessHandle process, String signal) {
    try {
      var _ =
          new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .onExit()
              .orTimeout(IMMEDIATE.toMillis(), TimeUnit.MILLISECONDS)
              .join();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run /bin/sh", e);
    }
  }

  private static boolean servesDirectory(long pid, Path data) {
    return ProcessHandle.of(pid)
        .map(ProcessHandle::info)
        .filter(process -> process.command().orElse("").endsWith("postgres"))
        .flatMap(ProcessHandle.Info::arguments)
        .filter(arguments -> List.of(arguments).contains(data.toString()))
        .isPresent();
  }

  private static List<String> pidFile(Path data) throws IOException {
    try {
      return Files.readAllLines(data.resolve("postmaster.pid"));
    } catch (NoSuchFileException notRunning) {
      return List.of();
    }
  }
}
