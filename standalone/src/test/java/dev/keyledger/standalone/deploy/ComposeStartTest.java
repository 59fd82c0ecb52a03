package dev.keyledger.standalone.deploy;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that starts compose.yaml: it creates secrets once and never loses them. */
class ComposeStartTest {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final String KEPT =
      """
      KEYLEDGER_ROOT_KEY='00112233445566778899aabbccddeeff'
      KEYLEDGER_PEPPERS='1:AAAA'
      KEYLEDGER_DATABASE_PASSWORD='one'
      KEYLEDGER_MIGRATION_PASSWORD='two'
      NODE_USER=10001:10001
      """;
  private static final String VOLUME = "keyledger_database";

  @TempDir private Path root;
  private Path deploy;
  private Path env;

  /** The result of a run. */
  private record Run(int exitCode, String output) {}

  @BeforeEach
  void putTheScriptBesideCommandsThatOnlyNoteWhatTheyAreAskedFor() throws IOException {
    deploy = Files.createDirectory(root.resolve("deploy"));
    env = deploy.resolve(".env");
    Files.copy(DeployFiles.directory().resolve("start"), deploy.resolve("start"));
    // "docker volume ls" prints the file "volumes"; "docker compose up" notes the secrets that it
    // would find.
    program(
        "docker",
        """
        if [ "$1" = volume ]; then cat ../volumes; exit; fi
        echo "$@" >> ../asked
        env | grep '^KEYLEDGER' >> ../exported
        sha256sum .env log.key > "$(mktemp ../seen-XXXXXX)"
        """);
    program("java", "[ \"$3\" = new-log-key ] && date +%N > \"$4\" && chmod 600 \"$4\"");
    Files.createFile(root.resolve("volumes"));
  }

  @Test
  void secretsAreMadeOnce() throws Exception {
    assertThat(start(Map.of(), "--detach").exitCode).isZero();
    String secrets = Files.readString(env);
    String logKey = Files.readString(deploy.resolve("log.key"));
    assertThat(Files.getPosixFilePermissions(env)).isEqualTo(OWNER_ONLY);
    assertThat(Files.getPosixFilePermissions(deploy.resolve("log.key"))).isEqualTo(OWNER_ONLY);
    assertThat(secrets).containsPattern("KEYLEDGER_PEPPERS='1:[A-Za-z0-9+/]{43}='\n");
    assertThat(secrets).containsPattern("KEYLEDGER_ROOT_KEY='[0-9a-f]{64}'\n");

    Files.writeString(root.resolve("volumes"), VOLUME);
    assertThat(start(Map.of("KEYLEDGER_PEPPERS", "1:another")).exitCode).isZero();

    assertThat(env).hasContent(secrets);
    assertThat(deploy.resolve("log.key")).hasContent(logKey);
    assertThat(Files.readAllLines(root.resolve("asked")))
        .containsExactly("compose -f compose.yaml up --detach", "compose -f compose.yaml up");
    // Variables would override the file.
    assertThat(root.resolve("exported")).isEmptyFile();
    try (var files = Files.list(deploy)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("start", ".env", "log.key");
    }
  }

  @Test
  void theScriptCreatesTheSecretsOfTheComposeFile() throws Exception {
    String compose = Files.readString(DeployFiles.directory().resolve("compose.yaml"));
    var wanted = new TreeSet<String>();
    Pattern.compile("\\$\\{(\\w+):\\?}")
        .matcher(compose)
        .results()
        .forEach(found -> wanted.add(found.group(1)));
    start(Map.of());

    assertThat(secrets().keySet()).isEqualTo(wanted).hasSize(5);
    assertThat(compose).doesNotContainPattern("\\$\\{\\w+(?!:\\?})\\W");
    assertThat(new TreeSet<>(secrets().values())).hasSize(5);
  }

  @Test
  void startsAtTheSameTimeAgree() throws Exception {
    var starts = new ArrayList<Process>();
    for (int number = 0; number < 8; number++) {
      starts.add(launch(Map.of()));
    }
    for (Process one : starts) {
      String output = output(one);
      assertThat(one.waitFor()).as(output).isZero();
    }

    var seen = new TreeSet<String>();
    try (var files = Files.newDirectoryStream(root, "seen-*")) {
      for (Path file : files) {
        seen.add(Files.readString(file));
      }
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void aStartThatWasKilledLeavesNothingThatTheNextOneUses() throws Exception {
    Path left = Files.createDirectory(deploy.resolve(".new-killed"));
    Files.writeString(left.resolve(".env"), "KEYLEDGER_ROOT_KEY='0011");

    assertThat(start(Map.of()).exitCode).isZero();
    assertThat(secrets()).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "KEYLEDGER_ROOT_KEY",
        "KEYLEDGER_PEPPERS",
        "KEYLEDGER_DATABASE_PASSWORD",
        "KEYLEDGER_MIGRATION_PASSWORD",
        "NODE_USER"
      })
  void aFileThatLacksASecretIsLeftAsItIs(String name) throws Exception {
    for (String lacking :
        List.of(
            KEPT.substring(0, KEPT.indexOf(name)),
            KEPT.replaceFirst("(?m)^" + name + "=.*$", name + "=''"))) {
      Files.writeString(env, lacking);

      Run run = start(Map.of());
      assertThat(run.exitCode).isEqualTo(1);
      assertThat(run.output).contains(name).doesNotContain("0011", "AAAA");
      assertThat(env).hasContent(lacking);
      assertThat(root.resolve("asked")).doesNotExist();
    }
    Files.writeString(env, KEPT);
    assertThat(start(Map.of()).exitCode).isZero();
    assertThat(env).hasContent(KEPT);
    assertThat(Files.getPosixFilePermissions(env)).isEqualTo(OWNER_ONLY);
  }

  @Test
  void aDatabaseWithoutItsSecretsGetsNoNewOnes() throws Exception {
    Files.writeString(root.resolve("volumes"), VOLUME);

    Run run = start(Map.of("KEYLEDGER_PEPPERS", "1:AAAA"));
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.output).contains(VOLUME, ".env");
    assertThat(env).doesNotExist();
    assertThat(root.resolve("asked")).doesNotExist();
  }

  @Test
  void secretsThatWereExportedUntilNowAreTakenOver() throws Exception {
    Files.writeString(root.resolve("volumes"), VOLUME);
    Map<String, String> exported =
        Map.of(
            "KEYLEDGER_ROOT_KEY", "a $root #key of thirty-two letters",
            "KEYLEDGER_PEPPERS", "2:BBBB,1:AAAA",
            "KEYLEDGER_DATABASE_PASSWORD", "one",
            "KEYLEDGER_MIGRATION_PASSWORD", "two");

    assertThat(start(exported).exitCode).isZero();
    assertThat(secrets()).containsAllEntriesOf(exported);
  }

  @ParameterizedTest
  @ValueSource(strings = {"it's", "two\nlines"})
  void aValueThatTheFileCannotHoldIsRefused(String value) throws Exception {
    Run run = start(Map.of("KEYLEDGER_ROOT_KEY", value));

    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.output).contains("KEYLEDGER_ROOT_KEY").doesNotContain(value);
    assertThat(env).doesNotExist();
  }

  private Map<String, String> secrets() throws IOException {
    return Pattern.compile("(?m)^(\\w+)='?([^'\\n]*)'?$")
        .matcher(Files.readString(env))
        .results()
        .collect(toMap((MatchResult line) -> line.group(1), line -> line.group(2)));
  }

  private Run start(Map<String, String> variables, String... arguments) throws Exception {
    Process process = launch(variables, arguments);
    String output = output(process);
    return new Run(process.waitFor(), output);
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private Process launch(Map<String, String> variables, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("bash", deploy.resolve("start").toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().merge("PATH", root + ":", (path, first) -> first + path);
    builder.environment().putAll(variables);
    return builder.start();
  }

  private void program(String name, String script) throws IOException {
    Path file = Files.writeString(root.resolve(name), "#!/bin/bash\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
