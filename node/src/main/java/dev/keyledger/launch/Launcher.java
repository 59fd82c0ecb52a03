package dev.keyledger.launch;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts an application by the name of its class, on a Java that can run it. What the user can mend
 * ends the process with exit code 1 and one line on stderr.
 */
final class Launcher {
  static final int JAVA_NEEDED = 25;

  private Launcher() {}

  /**
   * Runs {@code main} of a class that may need a newer Java than this one.
   *
   * @param applicationClass binary name; loaded only after the version has been found good
   * @param arguments handed on
   * @throws Throwable what {@code main} threw, itself and not wrapped: Spring Boot recognises the
   *     failures that it has logged already by identity
   */
  static void start(String applicationClass, String... arguments) throws Throwable {
    if (Runtime.version().feature() < JAVA_NEEDED) {
      refuse(javaTooOld(System.getProperty("java.version"), System.getProperty("java.home")));
    }
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    try {
      Class.forName(applicationClass, true, loader)
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause() == null ? e : e.getCause();
      if (thrown instanceof StartupRefusedException) {
        refuse(String.valueOf(thrown.getMessage()));
      }
      throw thrown;
    }
  }

  static String javaTooOld(String version, String home) {
    String needed =
        "Keyledger needs Java "
            + JAVA_NEEDED
            + " or newer; this is Java "
            + version
            + " ("
            + home
            + "). ";
    return newerJavaBeside(Path.of(home))
        .map(java -> needed + "Start it with " + java + " -jar ...")
        .orElse(needed + "Start it with the bin/java of a newer JDK.");
  }

  /** Distributions install their JDKs side by side: the right one may be there already. */
  private static Optional<Path> newerJavaBeside(Path home) {
    Path jdks = home.toAbsolutePath().getParent();
    if (jdks == null) {
      return Optional.empty();
    }
    try (Stream<Path> candidates = Files.list(jdks)) {
      return candidates
          .sorted()
          .filter(candidate -> feature(candidate) >= JAVA_NEEDED)
          .map(candidate -> candidate.resolve("bin/java"))
          .filter(Files::isExecutable)
          .findFirst();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** The feature version that a JDK's {@code release} file states; 0 if it states none. */
  private static int feature(Path jdk) {
    try (Stream<String> lines = Files.lines(jdk.resolve("release"))) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION=\""))
          .map(line -> line.substring(14).replaceAll("[^0-9].*", ""))
          .filter(digits -> !digits.isEmpty())
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException notAJdk) {
      return 0;
    }
  }

  private static void refuse(String line) {
    System.err.println(line);
    System.exit(1);
  }
}
