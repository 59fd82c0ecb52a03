package dev.keyledger.node.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.node.commands.CommandLine.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The arguments that start a node, run a command, or do neither. */
@ExtendWith(OutputCaptureExtension.class)
class CommandLineTest {
  private static final int REFUSED = 2;
  private static final Map<String, String> MISSPELT = Map.of("KEYLEDGER_ROOTKEY", "secret-7");

  private final List<String> done = new ArrayList<>();
  private final CommandLine commandLine =
      new CommandLine(
          "test.jar",
          "a node",
          List.of(
              new Command(
                  "count [number]",
                  "counts",
                  REFUSED,
                  arguments -> {
                    done.add(String.join(" ", arguments));
                    return 0;
                  })),
          () -> Map.of("ask", "asks a running Keyledger"));

  @ParameterizedTest
  @ValueSource(strings = {"", "--server.port=0", "--debug=true --server.port=0"})
  void settingsStartANode(String arguments) throws Exception {
    run(arguments);

    assertThat(done).containsExactly("node: " + arguments);
  }

  @Test
  void aCommandIsExecutedWithWhatFollowsIt() throws Exception {
    assertThat(run("count 7")).isZero();

    assertThat(done).containsExactly("count 7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--help", "--version", "count --help", "--server.port=0 --help", "x --version"})
  void helpAndVersionDoNothingElse(String arguments) throws Exception {
    run(arguments);

    assertThat(done).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", "-h", "help", "counts", "rebuild --help=x"})
  void anotherCommandIsRefusedInOneLine(String arguments) {
    assertThatThrownBy(() -> run(arguments))
        .isExactlyInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("test.jar")
        .hasMessageContaining("The commands are count, ask; --help")
        .message()
        .hasLineCount(1);
    assertThat(done).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--hlep", "--versoin", "--server.port=0 check", "--debug"})
  void anotherOptionIsRefusedInOneLine(String arguments) {
    assertThatThrownBy(() -> run(arguments))
        .isExactlyInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("is not an option")
        .message()
        .hasLineCount(1);
    assertThat(done).isEmpty();
  }

  @Test
  void anUnknownVariableStopsTheStart() {
    assertThatThrownBy(() -> run(MISSPELT, ""))
        .isExactlyInstanceOf(StartupRefusedException.class)
        .hasMessageStartingWith("KEYLEDGER_ROOTKEY is not a variable of Keyledger.")
        .hasMessageNotContaining("secret-7");
    assertThat(done).isEmpty();
  }

  @Test
  void anUnknownVariableStopsEachCommandWithTheExitCodeOfARefusal(CapturedOutput output)
      throws Exception {
    assertThat(run(MISSPELT, "count 7")).isEqualTo(REFUSED);
    assertThat(output.getErr())
        .startsWith("KEYLEDGER_ROOTKEY is not a variable of Keyledger.")
        .hasLineCount(1)
        .doesNotContain("secret-7");
    assertThat(done).isEmpty();
  }

  @Test
  void helpListsWhatTheLauncherKnowsToo(CapturedOutput output) throws Exception {
    run("--help");
    assertThat(output.getOut())
        .containsPattern("(?m)^  count .*counts$")
        .containsPattern("(?m)^  ask .*asks");
  }

  @Test
  void anUnknownVariableDoesNotStopHelp() throws Exception {
    assertThat(run(MISSPELT, "--help")).isZero();
  }

  private int run(String arguments) throws IOException, InterruptedException {
    return run(Map.of(), arguments);
  }

  private int run(Map<String, String> environment, String arguments)
      throws IOException, InterruptedException {
    return commandLine.run(
        environment,
        given -> done.add("node: " + String.join(" ", given)),
        arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }
}
