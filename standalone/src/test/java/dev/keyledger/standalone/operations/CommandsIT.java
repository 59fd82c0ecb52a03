package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.cli.Cli;
import dev.keyledger.cli.CliEnvironment;
import dev.keyledger.launch.StandaloneLauncher;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The requests of the command line to a node, in this process; once as a separate process. */
@Timeout(180)
@ExtendWith(SharedStandalone.class)
class CommandsIT {
  private static final JsonMapper JSON = new JsonMapper();

  private final String workspace = "cli-" + UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path directory;
  private KeyledgerProcess node;
  private String input = "";

  @BeforeEach
  void init(KeyledgerProcess shared) {
    node = shared;
    environment.put("KEYLEDGER_URL", node.uri().toString());
    environment.put("KEYLEDGER_DATA_DIR", node.dataDirectory().toString());
    JsonNode made = json("init", "--workspace", workspace, "--max-lifetime", "100d");
    assertThat(made.path("workspace").path("policy").path("maxLifetime").asString())
        .isEqualTo("PT2400H");
    assertThat(made.path("key").path("permissions").get(0).asString()).isEqualTo("keyledger:*");
  }

  @Test
  void theProfileHoldsTheOperatorsKeyAndNothingOfTheRootKey() throws IOException {
    Path file = directory.resolve(".config/keyledger/config");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file))
        .contains("url = " + node.uri(), "workspace = " + workspace, "key = kl_live_")
        .doesNotContain(node.rootKey());
    assertThat(run("init")).isEqualTo(2);
    assertThat(run("workspaces", "list")).isEqualTo(4);
    environment.put("KEYLEDGER_KEY", node.rootKey());
    assertThat(run("workspaces", "show", workspace)).isZero();
    assertThat(out.toString()).contains("max lifetime", "100d");
  }

  @Test
  void theLifeOfAKey() throws IOException {
    assertThat(
            run(
                "keys",
                "issue",
                "Nightly report",
                "--owner",
                "service:reports",
                "--permission",
                "read:users",
                "--lifetime",
                "30d",
                "--reason",
                "first key"))
        .isZero();
    String secret = out.toString().strip();
    assertThat(secret).startsWith("kl_live_").doesNotContain("\n");
    String keyId = json("keys", "list").get(0).path("keyId").asString();

    assertThat(run("keys", "show", keyId)).isZero();
    assertThat(out.toString()).containsPattern("owner +service:reports").contains("read:users");
    assertThat(verify(secret, "--permission", "read:users")).isZero();
    assertThat(out.toString()).containsPattern("code +VALID");
    assertThat(verify(secret, "--permission", "write:users")).isEqualTo(1);
    assertThat(out.toString()).contains("INSUFFICIENT_PERMISSIONS");

    assertThat(json("keys", "renew", keyId, "--lifetime", "60d").path("version").asInt())
        .isEqualTo(2);
    assertThat(run("expiring", "--within", "61d")).isZero();
    assertThat(out.toString()).contains(keyId);
    assertThat(run("expiring", "--within", "59d")).isZero();
    assertThat(out.toString()).doesNotContain(keyId);

    assertThat(run("keys", "rotate", keyId, "--overlap", "0s", "--output", "new")).isZero();
    assertThat(out.toString()).isEmpty();
    String rotated = Files.readString(directory.resolve("new")).strip();
    assertThat(verify(rotated)).isZero();
    assertThat(verify(secret)).isEqualTo(1);
    assertThat(out.toString()).contains("ROTATED_OUT");

    assertThat(run("keys", "revoke", keyId, "--because", "leaked", "--dry-run")).isZero();
    assertThat(verify(rotated)).isZero();
    assertThat(
            json("keys", "revoke", keyId, "--because", "leaked", "--wait", "5s")
                .path("revocationReason")
                .asString())
        .isEqualTo("leaked");
    assertThat(verify(rotated)).isEqualTo(1);
    assertThat(run("keys", "suspend", keyId)).isEqualTo(6);

    assertThat(texts(json("keys", "history", keyId), "type"))
        .containsSubsequence("KeyIssued", "KeyRenewed", "KeyRotated", "KeyRevoked");
    assertThat(texts(json("audit", "--key", keyId, "--limit", "1"), "type"))
        .containsExactly("KeyRevoked");
    assertThat(run("audit", "--type", "KeyIssued", "--oldest-first")).isZero();
    assertThat(out.toString()).contains("first key");
    assertThat(run("export", "--output", "export")).isZero();
    assertThat(Files.readString(directory.resolve("export")))
        .contains(keyId, "ExportTrailer")
        .doesNotContain(secret);
    String position = "" + json("keys", "history", keyId).get(0).path("position").asLong();
    assertThat(run("log", "checkpoint")).isZero();
    assertThat(out.toString().lines().skip(1).findFirst().orElseThrow().length())
        .isGreaterThanOrEqualTo(position.length());
  }

  @Test
  void manyKeys() {
    run("keys", "issue", "A", "--owner", "user:7", "--secret-sha256", "ab".repeat(32));
    assertThat(out.toString()).containsPattern("owner +user:7"); // the caller made the secret
    run("keys", "issue", "B", "--owner", "user:7", "--environment", "test");
    assertThat(json("keys", "list", "--owner", "user:7")).hasSize(2);
    assertThat(json("keys", "list", "--environment", "test")).hasSize(1);
    assertThat(texts(json("operators"), "name")).containsExactly("Command line");
    assertThat(json("keys", "revoke", "--owner", "user:7", "--dry-run")).hasSize(2);
    assertThat(json("keys", "revoke", "--owner", "user:7").path("revoked")).hasSize(2);
    assertThat(json("keys", "list", "--owner", "user:7", "--status", "active")).isEmpty();
  }

  @Test
  void webhooksAndNodes() {
    assertThat(run("webhooks", "create", "https://127.0.0.1/hook", "--type", "KeyRevoked"))
        .isZero();
    assertThat(out.toString()).startsWith("whsec_");
    String id = json("webhooks", "list").get(0).path("webhookId").asString();
    assertThat(json("webhooks", "disable", id).path("enabled").asBoolean()).isFalse();
    assertThat(run("webhooks", "test", id)).isEqualTo(6);
    assertThat(json("webhooks", "enable", id).path("enabled").asBoolean()).isTrue();
    assertThat(run("webhooks", "rotate-secret", id, "--overlap", "0s")).isZero();
    assertThat(out.toString()).startsWith("whsec_");
    assertThat(run("webhooks", "delete", id, "--dry-run")).isZero();
    assertThat(run("webhooks", "delete", id)).isZero();
    assertThat(run("webhooks", "show", id)).isEqualTo(5);
    assertThat(json("log", "nodes")).isNotEmpty();
  }

  @Test
  void theFeedBeginsAtTheGivenPosition() {
    String token =
        node.root()
            .header("Keyledger-Workspace", workspace)
            .get("/v1/audit?limit=1")
            .header("Keyledger-Position");
    run("keys", "issue", "A", "--owner", "user:7");
    assertThat(run("feed", "--after", token, "--count", "1")).isZero();
    assertThat(out.toString()).contains("  KeyIssued  key_");
  }

  @Test
  void doctorFindsAGoodServiceAndABadCredential() {
    assertThat(run("doctor")).as("%s", out).isZero();
    assertThat(out.toString().lines().map(line -> line.replaceFirst(" .*", "")))
        .containsExactly(
            "CHECK",
            "connection",
            "TLS",
            "clock",
            "service",
            "credential",
            "staleness",
            "versions");
    assertThat(out.toString()).doesNotContain("problem").contains(workspace);
    environment.put("KEYLEDGER_KEY", "kl_live_x");
    assertThat(run("doctor")).isEqualTo(1);
    assertThat(run("keys", "list")).isEqualTo(3);
    environment.put("KEYLEDGER_URL", "http://127.0.0.1:1");
    assertThat(run("doctor")).isEqualTo(9);
  }

  @Test
  void aSecretInTheArgumentsIsRefused() {
    String secret = node.issuer().issued("read:users").secret();
    assertThat(run("keys", "verify", secret)).isEqualTo(2);
    assertThat(run("keys", "list", "--text=" + node.rootKey())).isEqualTo(2);
    assertThat(err.toString()).contains("looks like a secret").doesNotContain(node.rootKey());
  }

  @Test
  void theLauncherKnowsEachOfThem() {
    assertThat(Cli.commands().keySet()).isEqualTo(StandaloneLauncher.REQUESTS);
  }

  @Test
  void theJarSendsThemWithoutStartingANode() {
    CommandResult listed =
        KeyledgerProcess.run(
            Application.STANDALONE,
            directory,
            Map.of("KEYLEDGER_URL", node.uri().toString(), "KEYLEDGER_KEY", node.rootKey()),
            "keys",
            "list",
            "--workspace",
            workspace);
    assertThat(listed.exitCode()).as(listed.output()).isZero();
    assertThat(listed.output()).startsWith("KEY ").contains("Command line");
    assertThat(KeyledgerProcess.run(Application.STANDALONE, directory, Map.of(), "log", "verify"))
        .extracting(CommandResult::exitCode, result -> result.output().contains("verify-log --c"))
        .containsExactly(2, true);
  }

  private static Stream<String> texts(JsonNode array, String field) {
    return array.valueStream().map(each -> each.path(field).asString());
  }

  private int verify(String secret, String... options) {
    input = secret;
    String[] arguments = new String[options.length + 2];
    arguments[0] = "keys";
    arguments[1] = "verify";
    System.arraycopy(options, 0, arguments, 2, options.length);
    return run(arguments);
  }

  private JsonNode json(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = "--json";
    assertThat(run(all)).as(() -> err.toString()).isZero();
    return JSON.readTree(out.toString());
  }

  /**
   * Runs a command with its home in the directory of the test; drops the output of earlier ones.
   */
  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Cli.run(
        new CliEnvironment(
            environment,
            directory,
            directory,
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintWriter(out),
            new PrintWriter(err),
            null,
            InstantSource.system()),
        arguments);
  }
}
