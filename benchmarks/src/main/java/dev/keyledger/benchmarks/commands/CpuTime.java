package dev.keyledger.benchmarks.commands;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The CPU time used by this process and by a PostgreSQL on this machine.
 *
 * @param jvmNanos the time of this process
 * @param postgresNanos the time of all processes of PostgreSQL, including ended ones; in steps of
 *     10 ms
 */
public record CpuTime(long jvmNanos, long postgresNanos) {
  private static final long NANOS_OF_A_TICK = 10_000_000;
  private static final int PARENT = 1;
  private static final int USER = 11;
  private static final int CHILDREN_SYSTEM = 14;

  /**
   * @param postmaster the process id of the main process of PostgreSQL
   */
  public static CpuTime now(long postmaster) {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new CpuTime(system.getProcessCpuTime(), postgresTicks(postmaster) * NANOS_OF_A_TICK);
  }

  public CpuTime since(CpuTime earlier) {
    return new CpuTime(jvmNanos - earlier.jvmNanos, postgresNanos - earlier.postgresNanos);
  }

  /** Returns the parent of a process. */
  public static long parentOf(long process) {
    return Long.parseLong(stat(Path.of("/proc", Long.toString(process)))[PARENT]);
  }

  private static long postgresTicks(long postmaster) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> Character.isDigit(process.getFileName().toString().charAt(0)))
          .mapToLong(process -> ticks(process, postmaster))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long ticks(Path process, long postmaster) {
    String[] stat = stat(process);
    boolean first = process.endsWith(Long.toString(postmaster));
    if (stat.length <= CHILDREN_SYSTEM
        || !(first || stat[PARENT].equals(Long.toString(postmaster)))) {
      return 0;
    }
    long ticks = 0;
    for (int field = USER; field <= CHILDREN_SYSTEM; field++) {
      ticks += Long.parseLong(stat[field]);
    }
    return ticks;
  }

  /** Returns the fields after the process name, see proc(5); empty if the process has ended. */
  private static String[] stat(Path process) {
    try {
      String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    } catch (IOException _) {
      return new String[0];
    }
  }
}
