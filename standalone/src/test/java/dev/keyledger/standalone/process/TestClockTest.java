package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class TestClockTest {
  @Test
  void aRunningProcessFollowsTheTestClock(@TempDir Path directory) throws IOException {
    var clock = new TestClock(directory);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(clock.jvmOptions());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ClockProcess.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var questions = process.outputWriter(StandardCharsets.US_ASCII);
        var answers = process.inputReader(StandardCharsets.US_ASCII)) {
      questions.write("\n");
      questions.flush();
      assertThat(Instant.parse(answers.readLine()))
          .isBetween(Instant.now().minus(Duration.ofSeconds(20)), Instant.now());

      Instant pretended = Instant.parse("2031-02-03T04:05:06.789Z");
      clock.set(pretended);
      questions.write("\n");
      questions.flush();
      assertThat(answers.readLine()).isEqualTo(pretended.toString());

      clock.useSystem();
      questions.write("\n");
      questions.flush();
      assertThat(Instant.parse(answers.readLine()))
          .isBefore(Instant.now().plus(1, ChronoUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
  }

  /** A process that prints the time on request, from the same clock as production code. */
  static final class ClockProcess {
    private ClockProcess() {}

    public static void main(String[] arguments) throws IOException {
      InstantSource clock =
          ServiceLoader.load(InstantSource.class).findFirst().orElse(InstantSource.system());
      var questions =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      while (questions.readLine() != null) {
        System.out.println(clock.instant());
      }
    }
  }
}
