package dev.keyledger.node.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.node.commands.CommandLine.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which arguments start a node, run a command, or do neither. */
class CommandLineTest {
  private final List<String> done = new ArrayList<>();
  private final CommandLine commandLine =
      new CommandLine(
          "test.jar",
          "a node",
          List.of(
              new Command(
                  "count [number]",
                  "counts",
                  Command.REFUSED,
                  arguments -> {
                    done.add(String.join(" ", arguments));
                    return 0;
                  })));

  @ParameterizedTest
  @ValueSource(strings = {"", "--server.port=0", "--debug=true --server.port=0"})
  void settingsStartANode(String arguments) throws Exception {
    run(arguments);

    assertThat(done).containsExactly("node: " + arguments);
  }

  @Test
  void aCommandIsExecutedWithWhatFollowsIt() throws Exception {
    run("count 7");

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
        .hasMessageContaining("The commands are count; --help")
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

  private void run(String arguments) throws IOException, InterruptedException {
    commandLine.run(
        given -> done.add("node: " + String.join(" ", given)),
        arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }
}
