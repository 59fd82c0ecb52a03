package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Sets the clock of another process, which must take its clock from {@code
 * ServiceLoader.load(InstantSource.class)}. PostgreSQL's clock is not moved.
 */
public final class TestClock {
  private static final String CLASS_FILE =
      PretendedTime.class.getName().replace('.', '/') + ".class";

  private final Path file;

  /**
   * @param directory existing and empty
   */
  TestClock(Path directory) {
    file = directory.resolve("now");
  }

  /** What to start the JVM with. */
  List<String> jvmOptions() {
    Path jar = OncePerBuild.directory("clock", TestClock::makeJar).resolve("clock.jar");
    return List.of("-Xbootclasspath/a:" + jar, "-D" + PretendedTime.FILE + "=" + file);
  }

  /** A jar and no directory: an AOT cache takes only those. */
  private static void makeJar(Path directory) throws IOException {
    try (var jar = new JarOutputStream(Files.newOutputStream(directory.resolve("clock.jar")));
        InputStream bytes =
            Objects.requireNonNull(PretendedTime.class.getResourceAsStream("/" + CLASS_FILE))) {
      jar.putNextEntry(new JarEntry(CLASS_FILE));
      bytes.transferTo(jar);
      jar.putNextEntry(new JarEntry("META-INF/services/" + InstantSource.class.getName()));
      jar.write(PretendedTime.class.getName().getBytes(StandardCharsets.US_ASCII));
    }
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
