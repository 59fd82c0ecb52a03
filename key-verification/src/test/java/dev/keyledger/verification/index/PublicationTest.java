package dev.keyledger.verification.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jcstress.Main;

/** Runs jcstress, which searches for outcomes that {@link PublicationStress} does not list. */
@Timeout(300)
class PublicationTest {
  private static final String MILLIS_PER_ITERATION = System.getProperty("jcstress.millis", "100");

  /** One mode instead of all that jcstress knows: the compiler reorders what it may. */
  private static final String JVM_MODE =
      System.getProperty(
          "jcstress.jvm",
          "-XX:+UnlockDiagnosticVMOptions -XX:+StressLCM -XX:+StressGCM -XX:+StressIGVN"
              + " -XX:+StressCCP");

  @Test
  void noReaderSeesAnIncompleteState(@TempDir Path reports)
      throws IOException, InterruptedException {
    Process jcstress =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "-v",
                "-t",
                "PublicationStress",
                "-r",
                reports.toString(),
                "-sc",
                "false",
                "-f",
                "1",
                "-fsm",
                "1",
                "-iters",
                "2",
                "-time",
                MILLIS_PER_ITERATION,
                "-jvmArgs",
                JVM_MODE)
            .directory(reports.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(jcstress.getInputStream().readAllBytes(), UTF_8);

    assertThat(jcstress.waitFor()).as(output).isZero();
    assertThat(output).contains("PublicationStress.PositionBehindData").doesNotContain("FORBIDDEN");
  }
}
