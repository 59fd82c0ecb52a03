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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the jars say to who starts them, without a stack trace. */
@Timeout(180)
class CommandLineIT {
  /** A line of the log, of what a node did before it was refused. */
  private static final Pattern LOG_LINE =
      Pattern.compile("^[0-9]{4}-[0-9]{2}-[0-9]{2}T.* (INFO|WARN) ");

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void helpAndVersionStartNothingAndCreateNothing(Application application) {
    CommandResult help = run(application, Map.of("KEYLEDGER_GATEWAY_TOKN", "x"), "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.output())
        .contains("check [--expect", "--version", "KEYLEDGER_DATABASE_URL", "KEYLEDGER_FAST_PORT")
        .doesNotContain("\tat ");

    CommandResult version = run(application, Map.of(), "--version");
    assertThat(version.exitCode()).isZero();
    assertThat(version.output()).matches("Keyledger [0-9]+\\.[0-9]+\\.[0-9]+\\S*\n");
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownVariableStopsTheStartAndEachCommand(Application application) {
    var misspelt =
        Map.of(
            "KEYLEDGER_GATEWAY_TOKN", "secret-7",
            "KEYLEDGER_SERVICE_HOST", "10.0.0.1",
            "KEYLEDGER_PORT", "tcp://10.0.0.1:8080");
    String line =
        "KEYLEDGER_GATEWAY_TOKN is not a variable of Keyledger. The nearest one is"
            + " KEYLEDGER_GATEWAY_TOKEN: correct the name, or remove the variable.\n";

    assertThat(run(application, misspelt)).isEqualTo(new CommandResult(1, line));
    assertThat(run(application, misspelt, "check")).isEqualTo(new CommandResult(2, line));
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "STANDALONE, start, 'check, rebuild, new-incarnation'",
    "COMMAND_SIDE, rebuild, 'check, new-incarnation'",
    "QUERY_SIDE, new-incarnation, 'check, rebuild'",
  })
  void anotherCommandIsRefusedWithTheCommandsThatThereAre(
      Application application, String command, String commands) {
    assertRefused(
        run(application, Map.of(), command),
        command + " is not a command of keyledger",
        "The commands are " + commands + ";");
  }

  @ParameterizedTest
  @EnumSource(
      value = Application.class,
      names = {"COMMAND_SIDE", "QUERY_SIDE"})
  void aSideAloneNeedsADatabase(Application application) {
    var secrets =
        Map.of(
            "KEYLEDGER_ROOT_KEY",
            "a root key of a node without a database",
            "KEYLEDGER_PEPPERS",
            "1:" + "A".repeat(43) + "=");
    assertRefused(run(application, secrets), "KEYLEDGER_DATABASE_URL must name the PostgreSQL");
    assertThat(run(application, Map.of(), "check").exitCode()).isEqualTo(2);
  }

  @Test
  void aCommandMakesNoDatabase() {
    for (String command : new String[] {"rebuild", "new-incarnation"}) {
      assertRefused(
          run(Application.STANDALONE, Map.of(), command),
          "KEYLEDGER_DATA_DIR: there is no database in data.",
          "KEYLEDGER_DATABASE_URL");
    }
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
    "QUERY_SIDE, KEYLEDGER_BIND, not an address, KEYLEDGER_BIND must be an IP address",
    "QUERY_SIDE, KEYLEDGER_PEPPERS, 1:secret-7, KEYLEDGER_PEPPERS: ",
    "QUERY_SIDE, KEYLEDGER_VERIFICATION_MAX_STALENESS, 5s, KEYLEDGER_VERIFICATION_MAX_STALENESS must",
    "QUERY_SIDE, KEYLEDGER_DATABASE_PASSWORD, secret-7, KEYLEDGER_DATABASE_PASSWORD are correct.",
    "COMMAND_SIDE, KEYLEDGER_SHARED_KEY, secret-7, KEYLEDGER_SHARED_KEY must",
    "COMMAND_SIDE, KEYLEDGER_GITHUB_KEYS_URL, http://192.0.2.1/secret-7, KEYLEDGER_GITHUB_KEYS_URL: must be an https URL",
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
