package dev.keyledger.launch;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts an application by its class name. An old Java, or an application that refuses to start,
 * ends the process with exit code 1 and one line on stderr.
 */
final class Launcher {
  static final int JAVA_NEEDED = 25;

  /**
   * The longest shutdown, also of an application that is still starting. A second less than the
   * documented ten, within which the process has ended.
   */
  static final Duration SHUTDOWN_MAX = Duration.ofSeconds(9);

  private static final int TERMINATED = 143;

  private Launcher() {}

  /**
   * Runs {@code main} of a class that may need a newer Java than this one.
   *
   * @param applicationClass binary name; loaded after the version check
   * @param arguments passed to {@code main}
   * @throws Throwable the exception of {@code main}, unwrapped, because Spring Boot recognises
   *     failures that it has already reported by identity
   */
  static void start(String applicationClass, String... arguments) throws Throwable {
    if (Runtime.version().feature() < JAVA_NEEDED) {
      refuse(javaTooOld(System.getProperty("java.version"), System.getProperty("java.home")));
    }
    FatalErrors.endOnUncaught();
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    Runtime.getRuntime().addShutdownHook(new Thread(Launcher::haltInTime));
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

  /** Ends the process at the deadline, whatever the other shutdown hooks wait for. */
  private static void haltInTime() {
    var watchdog =
        new Thread(() -> {
          try {
            Thread.sleep(SHUTDOWN_MAX.toMillis());
          } catch (InterruptedException unexpected) {
            return; // nothing interrupts this thread
          }
          System.err.println("The shutdown takes too long; the process ends now.");
          Runtime.getRuntime().halt(TERMINATED);
        });
    watchdog.setDaemon(true);
    watchdog.start();
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
    return newerJavaNextTo(Path.of(home))
        .map(java -> needed + "Start it with " + java + " -jar ...")
        .orElse(needed + "Start it with the bin/java of a newer JDK.");
  }

  /** Returns a newer JDK in the same directory, where distributions install their JDKs. */
  private static Optional<Path> newerJavaNextTo(Path home) {
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

  /** Returns the feature version in the {@code release} file of a JDK; 0 if there is none. */
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
