package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Counts the processes that tests start, in the file that {@code scripts/test} reads. */
public final class Started {
  private static final Path FILE = Path.of("target/started");

  private Started() {}

  /** Counts the starts in the log of an embedded PostgreSQL that has ended or is about to. */
  public static void databases(Path dataDirectory) {
    Path log = dataDirectory.resolve("postgres/postgresql.log");
    try {
      if (Files.exists(log)) {
        Files.readString(log)
            .lines()
            .filter(line -> line.contains("starting PostgreSQL"))
            .forEach(_ -> add("PostgreSQL server"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void add(String what) {
    try {
      Files.writeString(FILE, what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
