package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The clock of a process under test: the instant in the file named by the system property {@value
 * #FILE}, or the system's clock while there is no such file. It is loaded from the boot class path
 * of that process and therefore depends only on the JDK.
 */
public final class PretendedTime implements InstantSource {
  static final String FILE = "keyledger.test.clock";

  private final Path file = Path.of(System.getProperty(FILE));

  @Override
  public Instant instant() {
    try {
      return Instant.parse(Files.readString(file).strip());
    } catch (NoSuchFileException nothingToPretend) {
      return Instant.now();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
