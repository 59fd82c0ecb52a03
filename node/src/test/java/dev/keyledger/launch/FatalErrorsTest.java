package dev.keyledger.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process of which one thread dies. */
@Timeout(60)
class FatalErrorsTest {
  /** Throws an Error of the named class in a thread, and continues after it. */
  static final class Victim {
    public static void main(String[] names) throws Exception {
      FatalErrors.endOnUncaught();
      Error error = Class.forName(names[0]).asSubclass(Error.class).getConstructor().newInstance();
      var thread =
          new Thread(
              () -> {
                throw error;
              },
              "victim");
      thread.start();
      thread.join();
      System.out.println("the process goes on");
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, InternalError.class})
  void anErrorThatLeavesItUnsoundEndsItWithALine(Class<?> error) throws Exception {
    Process process = started(error);

    assertThat(output(process))
        .isEqualTo(
            "Keyledger ends, because this node is no longer sound: " + error.getName() + "\n");
    assertThat(process.exitValue()).isEqualTo(FatalErrors.EXIT_CODE);
  }

  @ParameterizedTest
  @ValueSource(classes = {StackOverflowError.class, AssertionError.class})
  void anyOtherConcernsOneThreadOnly(Class<?> error) throws Exception {
    Process process = started(error);

    assertThat(output(process))
        .startsWith("Exception in thread \"victim\" " + error.getName())
        .endsWith("the process goes on\n");
    assertThat(process.exitValue()).isZero();
  }

  private static Process started(Class<?> error) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            locationOf(FatalErrors.class) + ":" + locationOf(Victim.class),
            Victim.class.getName(),
            error.getName())
        .redirectErrorStream(true)
        .start();
  }

  private static Path locationOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String output(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
