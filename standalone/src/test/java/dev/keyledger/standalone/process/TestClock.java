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
 * Sets the clock of another process, which must load its clock with {@code
 * ServiceLoader.load(InstantSource.class)}. Does not affect PostgreSQL's clock.
 */
public final class TestClock {
  private static final String CLASS_FILE =
      PretendedTime.class.getName().replace('.', '/') + ".class";

  private final Path file;

  /**
   * @param directory an existing, empty directory
   */
  TestClock(Path directory) {
    file = directory.resolve("now");
  }

  /** Returns the JVM options that install the clock. */
  List<String> jvmOptions() {
    Path jar = OncePerBuild.directory("clock", TestClock::makeJar).resolve("clock.jar");
    return List.of("-Xbootclasspath/a:" + jar, "-D" + PretendedTime.FILE + "=" + file);
  }

  /** Creates a jar instead of a directory, because an AOT cache supports only jars. */
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

  /** Freezes the clock at an instant. */
  public void set(Instant now) {
    try {
      Path next = file.resolveSibling("next");
      Files.writeString(next, now.toString());
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns to the system's time. */
  public void useSystem() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
