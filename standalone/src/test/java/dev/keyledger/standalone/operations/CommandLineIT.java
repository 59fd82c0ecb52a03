package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The messages of the jars to whoever starts them, without a stack trace. {@code CommandLineTest}
 * and {@code FailedStartTest} have the other arguments and settings.
 */
@Timeout(180)
class CommandLineIT {
  /** A line of the log that a node wrote before its start was refused. */
  private static final Pattern LOG_LINE =
      Pattern.compile("^[0-9]{4}-[0-9]{2}-[0-9]{2}T.* (INFO|WARN) ");

  private static final String VERSION = "Keyledger [0-9]+\\.[0-9]+\\.[0-9]+\\S*";

  /** A line of the help that is about a command. */
  private static final Pattern COMMAND = Pattern.compile("^  ([a-z][a-z-]*) ", Pattern.MULTILINE);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "STANDALONE, 'check new-log-key verify-log rebuild new-incarnation keys expiring audit export"
        + " workspaces operators webhooks feed log doctor init config completion'",
    "COMMAND_SIDE, 'check verify-log new-incarnation'",
    "QUERY_SIDE, 'check new-log-key verify-log rebuild'",
  })
  void helpStartsNothingAndCreatesNothing(Application application, String commands) {
    CommandResult help = run(application, Map.of("KEYLEDGER_GATEWAY_TOKN", "x"), "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.output().lines().findFirst().orElseThrow()).matches(VERSION);
    assertThat(help.output())
        .contains("check [--expect", "--version", "KEYLEDGER_DATABASE_URL", "KEYLEDGER_FAST_PORT")
        .doesNotContain("\tat ");
    assertThat(COMMAND.matcher(help.output()).results().map(line -> line.group(1)))
        .containsExactly(commands.split(" "));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theVersionIsOneLine() {
    CommandResult version = run(Application.STANDALONE, Map.of(), "--version");
    assertThat(version.exitCode()).isZero();
    assertThat(version.output()).matches(VERSION + "\n");
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"STANDALONE, 1, ", "QUERY_SIDE, 1, ", "COMMAND_SIDE, 2, check"})
  void anUnknownVariableStopsTheStartAndEachCommand(
      Application application, int exitCode, @Nullable String command) {
    var misspelt =
        Map.of(
            "KEYLEDGER_GATEWAY_TOKN", "secret-7",
            "KEYLEDGER_SERVICE_HOST", "10.0.0.1",
            "KEYLEDGER_PORT", "tcp://10.0.0.1:8080");
    String line =
        "KEYLEDGER_GATEWAY_TOKN is not a variable of Keyledger. The nearest one is"
            + " KEYLEDGER_GATEWAY_TOKEN: correct the name, or remove the variable.\n";
    String[] arguments = command == null ? new String[0] : new String[] {command};

    assertThat(run(application, misspelt, arguments)).isEqualTo(new CommandResult(exitCode, line));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anotherCommandIsRefusedWithTheCommandsThatThereAre() {
    assertRefused(
        run(Application.STANDALONE, Map.of(), "start"),
        "start is not a command of keyledger",
        "The commands are check, new-log-key, verify-log, rebuild, new-incarnation, keys,");
  }

  @Test
  void aSideAloneNeedsADatabase() {
    var secrets =
        Map.of(
            "KEYLEDGER_ROOT_KEY",
            "a root key of a node without a database",
            "KEYLEDGER_PEPPERS",
            "1:" + "A".repeat(43) + "=");
    assertRefused(
        run(Application.COMMAND_SIDE, secrets), "KEYLEDGER_DATABASE_URL must name the PostgreSQL");
    assertThat(run(Application.QUERY_SIDE, Map.of(), "check").exitCode()).isEqualTo(2);
  }

  @Test
  void aCommandMakesNoDatabase() {
    assertRefused(
        run(Application.STANDALONE, Map.of(), "new-incarnation"),
        "KEYLEDGER_DATA_DIR: there is no database in data.",
        "KEYLEDGER_DATABASE_URL");
    assertThat(run(Application.STANDALONE, Map.of(), "check").exitCode()).isEqualTo(2);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aDataDirectoryThatCannotBeMadeIsNamed() {
    assertRefused(
        run(Application.STANDALONE, Map.of("KEYLEDGER_DATA_DIR", "/dev/null/data")),
        "KEYLEDGER_DATA_DIR: /dev/null/data cannot be used",
        "Name a directory");
  }

  @ParameterizedTest
  @CsvSource({
    "QUERY_SIDE, SERVER_PORT, eighty, SERVER_PORT has a value that Spring Boot does not accept. Correct",
    "QUERY_SIDE, SERVER_PORT, {port}, SERVER_PORT or KEYLEDGER_BIND: the node cannot listen there",
    "QUERY_SIDE, KEYLEDGER_PEPPERS, 1:secret-7, KEYLEDGER_PEPPERS: ",
    "QUERY_SIDE, KEYLEDGER_DATABASE_PASSWORD, secret-7, KEYLEDGER_DATABASE_PASSWORD are correct.",
    "COMMAND_SIDE, KEYLEDGER_SHARED_KEY, secret-7, KEYLEDGER_SHARED_KEY must",
  })
  @ExtendWith(SharedStandalone.class)
  void anInvalidSettingIsOneLineWithItsVariableAndWithoutItsValue(
      Application application,
      String variable,
      String value,
      String expected,
      KeyledgerProcess shared) {
    Map<String, String> environment = new HashMap<>(shared.besideIt());
    environment.putIfAbsent("KEYLEDGER_FAST_PORT", "0");
    environment.put("SERVER_PORT", "0");
    environment.put("KEYLEDGER_BIND", "127.0.0.1");
    environment.put(variable, value.replace("{port}", Integer.toString(shared.uri().getPort())));

    assertRefused(run(application, environment), expected);
  }

  @Test
  @ExtendWith(SharedStandalone.class)
  void theListsAreRebuiltBesideARunningNode(KeyledgerProcess shared) {
    shared.issuer().issued("read:users");

    CommandResult rebuilt = shared.commandBeside("rebuild");

    assertThat(rebuilt.output()).contains("directory: rebuilt up to", "audit: rebuilt up to");
    assertThat(rebuilt.exitCode()).isZero();
    assertThat(shared.client().get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  private CommandResult run(
      Application application, Map<String, String> environment, String... arguments) {
    return KeyledgerProcess.run(application, directory, environment, arguments);
  }

  private static void assertRefused(CommandResult result, String... parts) {
    assertThat(result.output()).doesNotContain("secret-7", "Exception", "\tat ");
    assertThat(result.output().lines().filter(line -> !LOG_LINE.matcher(line).find()))
        .singleElement()
        .asString()
        .contains(parts);
    assertThat(result.exitCode()).isEqualTo(1);
  }
}
