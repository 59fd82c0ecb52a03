package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;

/**
 * Sets the clock of another process, which must take its clock from {@code
 * ServiceLoader.load(InstantSource.class)}. PostgreSQL's clock is not moved.
 */
public final class TestClock {
  private final Path classes;
  private final Path file;

  /**
   * @param directory existing and empty
   */
  TestClock(Path directory) throws IOException {
    file = directory.resolve("now");
    classes = directory.resolve("classes");
    String name = PretendedTime.class.getName();
    Path classFile = classes.resolve(name.replace('.', '/') + ".class");
    Files.createDirectories(classFile.resolveSibling(""));
    try (InputStream bytes =
        Objects.requireNonNull(
            PretendedTime.class.getResourceAsStream(
                PretendedTime.class.getSimpleName() + ".class"))) {
      Files.copy(bytes, classFile);
    }
    Path service = classes.resolve("META-INF/services").resolve(InstantSource.class.getName());
    Files.createDirectories(service.resolveSibling(""));
    Files.writeString(service, name + "\n");
  }

  /** What to start the JVM with. */
  List<String> jvmOptions() {
    return List.of("-Xbootclasspath/a:" + classes, "-D" + PretendedTime.FILE + "=" + file);
  }

  /** From now on it is this instant, and stays it. */
  public void set(Instant now) {
    try {
      Path next = file.resolveSibling("next");
      Files.writeString(next, now.toString());
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on it is the system's time. */
  public void useSystem() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
