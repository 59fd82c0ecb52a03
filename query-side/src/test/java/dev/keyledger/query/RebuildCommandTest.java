package dev.keyledger.query;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.node.commands.CommandLine.Command;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RebuildCommandTest {
  private final Command command =
      RebuildCommand.in(() -> {
        throw new AssertionError("the database is not needed");
      });

  @ParameterizedTest
  @ValueSource(strings = {"rebuild nothing", "rebuild Audit", "rebuild audit directory"})
  void anUnknownListIsRefused(String arguments) {
    assertThatThrownBy(() -> command.action().run(arguments.split(" ")))
        .isInstanceOf(StartupRefusedException.class)
        .hasMessage("usage: rebuild, rebuild directory, rebuild audit");
  }
}
