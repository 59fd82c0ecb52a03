package dev.keyledger.node.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.proofs.LogKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandsTest {
  @Test
  void newKeysAreWrittenOnceAndForTheirOwnerOnly(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("log.key");
    CommandLine.Action command = LogCommands.newLogKey().action();
    assertThat(command.run("new-log-key", file.toString())).isZero();
    String keys = Files.readString(file);
    assertThat(LogKeys.parse(keys).toPem()).isEqualTo(keys);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> command.run("new-log-key", file.toString()))
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("exists");
    assertThat(Files.readString(file)).isEqualTo(keys);
    assertThatThrownBy(() -> command.run("new-log-key")).hasMessageContaining("usage");
  }

  @Test
  void aCheckThatCannotRunIsRefusedWithItsReason() {
    var nowhere = new DatabaseSettings("jdbc:postgresql://127.0.0.1:1/d", "u", "secret-7");
    CommandLine.Action command = LogCommands.check(() -> nowhere).action();
    assertThatThrownBy(() -> command.run("check", "--expect", "7"))
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageStartingWith("usage: check [--expect position:digest]");
    assertThatThrownBy(() -> command.run("check"))
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageStartingWith("The log cannot be checked: ")
        .hasMessageNotContaining("secret-7");
  }
}
