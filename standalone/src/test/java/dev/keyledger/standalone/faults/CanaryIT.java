package dev.keyledger.standalone.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Searches for leaked secrets. A secret appears only in the answer to the command that created it:
 * in no row, file, line of output or other answer. The same holds for the root key, the peppers,
 * the database's password and other configured secrets. Everything is logged and every endpoint
 * exposed.
 */
@Timeout(240)
class CanaryIT {
  private static final String GATEWAY_TOKEN = "the-gateways-token-of-this-test-07";
  private static final String SHARED_KEY = "the-shared-key-of-this-test-0123456789";
  private static final String IDEMPOTENCY_KEY = "the-idempotency-key-of-this-test";

  /** The most careless configuration. */
  private static final Map<String, String> CARELESS =
      Map.of(
          "KEYLEDGER_GATEWAY_TOKEN", GATEWAY_TOKEN,
          "KEYLEDGER_SHARED_KEY", SHARED_KEY,
          "LOGGING_LEVEL_ROOT", "TRACE",
          "LOGGING_LEVEL_DEV_KEYLEDGER", "TRACE",
          "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE", "*",
          "MANAGEMENT_ENDPOINT_ENV_SHOWVALUES", "always",
          "MANAGEMENT_ENDPOINT_CONFIGPROPS_SHOWVALUES", "always",
          "MANAGEMENT_ENDPOINT_HEALTH_SHOWDETAILS", "always");

  /** The texts that must not be found, by the names that a failure shows instead of them. */
  private final Map<String, String> canaries = new LinkedHashMap<>();

  private final List<String> answers = new ArrayList<>();

  @Test
  void aSecretIsNowhereButInItsAnswer() throws Exception {
    try (var keyledger = KeyledgerProcess.start(Application.STANDALONE, CARELESS)) {
      Issuer issuer = keyledger.issuer();
      IssuedKey first = issuer.issuedWith("\"reason\": \"a canary\"", "read:users");
      IssuedKey second = issuer.rotated(first, "{}");
      hatchSecret("the first secret", first.secret());
      hatchSecret("the second secret", second.secret());
      Client once = keyledger.root().header("Idempotency-Key", IDEMPOTENCY_KEY);
      String operator = "{%s}".formatted(Issuer.fields("keyledger:*"));
      IssuedKey third = IssuedKey.of(once.post("/v1/keys", operator));
      assertThat(IssuedKey.of(once.post("/v1/keys", operator)).secret()).isEqualTo(third.secret());
      hatchSecret("the operator's secret", third.secret());
      hatchSecretsOf(keyledger);

      for (IssuedKey key : List.of(first, second, third)) {
        askWith(key, keyledger);
      }
      actAs(third, keyledger);
      hear(keyledger.client().get("/v3/api-docs"));
      hear(keyledger.client().get("/problems/unauthorized"));
      lookIntoTheNode(keyledger.root());
      hear(issuer.command(first, "retire-secret", "{}"));
      hear(issuer.command(first, "suspend", "{}"));
      hear(issuer.verify("{\"key\": \"%s\"}".formatted(second.secret())));
      hear(issuer.command(first, "resume", "{}"));
      hear(issuer.command(first, "revoke", "{}"));
      hear(issuer.client().get(first.path()));
      hear(issuer.client().get(first.path() + "/history"));
      hear(issuer.client().get(first.path() + "/at?time=" + Instant.now()));
      hear(issuer.client().get("/v1/audit/export"));

      assertThat(answers).anyMatch(answer -> answer.contains(first.id()));
      answers.forEach(answer -> assertNothingIn(answer, "an answer: " + answer.length()));
      lookThroughRows(keyledger, first);
      String output = keyledger.output();
      assertNothingIn(output, "the output");
      keyledger.terminate();
      lookThroughFiles(keyledger.dataDirectory(), first);
      assertNothingIn(keyledger.output(), "the output at the end");
    }
  }

  /** Presents a secret where it belongs, and at every place where it may be put by mistake. */
  private void askWith(IssuedKey key, KeyledgerProcess keyledger) {
    String secret = key.secret();
    Issuer issuer = keyledger.issuer();
    Client root = keyledger.root();
    Client nobody = keyledger.client().header("Keyledger-Gateway-Token", GATEWAY_TOKEN);
    hear(issuer.verify("{\"key\": \"%s\", \"explain\": true}".formatted(secret)));
    hear(issuer.verify("{\"key\": \"%sx\"}".formatted(secret)));
    hear(issuer.verify("{\"key\": [\"%s\"]}".formatted(secret)));
    hear(issuer.verify("{\"key\": \"%s".formatted(secret)));
    hear(issuer.verify("{\"key\": \"x\", \"environment\": \"%s\"}".formatted(secret)));
    hear(issuer.verify("{\"key\": \"x\", \"ip\": \"%s\"}".formatted(secret)));
    hear(issuer.verify("{\"key\": \"%s\"}".formatted(keyledger.rootKey())));
    for (String then : List.of("\"time\": \"%s\"".formatted(Instant.now()), "\"position\": 1")) {
      hear(root.post("/v1/verify/at", "{\"key\": \"%s\", %s}".formatted(secret, then)));
    }
    hear(root.post("/v1/verify/at", "{\"keyId\": \"%s\", \"position\": 1}".formatted(secret)));
    hear(root.get("/v1/audit/export?workspace=" + secret));
    hear(root.get("/v1/audit/export?after=" + secret));
    hear(nobody.bearer(secret).get("/v1/forward-auth?permission=read:users"));
    hear(nobody.bearer(secret).get("/v1/forward-auth?permission=read:orders"));
    hear(nobody.header("X-API-Key", secret).get("/v1/forward-auth"));
    hear(nobody.bearer(secret).header("X-API-Key", secret).get("/v1/forward-auth"));
    hear(nobody.bearer(keyledger.rootKey()).get("/v1/forward-auth"));
    hear(nobody.bearer(secret).get(key.path()));
    hear(nobody.bearer(secret).post("/v1/keys", "{}"));
    hear(nobody.header("Authorization", "Basic " + secret).get(key.path()));
    hear(root.get("/v1/keys/" + secret));
    hear(root.get("/v1/keys/" + secret + "/history"));
    hear(root.get("/" + secret));
    hear(root.get(key.path() + "?key=" + secret));
    hear(nobody.get("/v1/forward-auth?key=" + secret));
    hear(root.header("Keyledger-At-Least", secret).get(key.path()));
    hear(root.header("Keyledger-Workspace", secret).get(key.path()));
    hear(root.header("If-Match", secret).post(key.path() + "/renew", "{}"));
    hear(root.header("Content-Type", secret).post(key.path() + "/renew", "{}"));
    hear(root.header("Accept", secret).get(key.path()));
    for (String field : List.of("expiresAt", "lifetime", "secretSha256", "environment")) {
      hear(
          root.post(
              "/v1/keys",
              "{%s, \"%s\": \"%s\"}".formatted(Issuer.fields("read:users"), field, secret)));
    }
    hear(root.post("/v1/keys", "{%s}".formatted(Issuer.fields(secret))));
    hear(root.post(key.path() + "/revoke", "{\"revocationReason\": \"%s\"}".formatted(secret)));
  }

  /** Sends an operator's credential to all that may read one. */
  private void actAs(IssuedKey operator, KeyledgerProcess keyledger) {
    Client client = keyledger.client().bearer(operator.secret());
    hear(client.get("/v1/keys?q=" + operator.secret()));
    hear(client.get("/v1/keys?owner=" + operator.secret()));
    hear(client.get("/v1/audit?actor=operator:" + operator.id()));
    hear(client.post("/v1/verify/batch", "{\"checks\":[{\"key\":\"%s\"}]}".formatted(SHARED_KEY)));
    hear(client.header("Idempotency-Key", operator.secret()).post("/v1/keys", "{}"));
    Client form = keyledger.client().header("Content-Type", "application/x-www-form-urlencoded");
    String basic = operator.id() + ":" + operator.secret();
    String token = "token=" + operator.secret();
    hear(
        form.header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(US_ASCII)))
            .send("POST", "/oauth2/introspect", BodyPublishers.ofString(token)));
    hear(form.send("POST", "/oauth2/introspect", BodyPublishers.ofString(token)));
    hear(form.send("POST", "/oauth2/revoke", BodyPublishers.ofString(token)));
  }

  /**
   * Reads everything that management shows to the root key, which is more than it shows to other
   * callers.
   */
  private void lookIntoTheNode(Client root) {
    JsonNode links = root.get("/actuator").body().path("_links");
    assertThat(links.propertyNames())
        .contains("env", "configprops", "prometheus", "threaddump", "loggers", "beans", "metrics")
        .doesNotContain("heapdump", "shutdown");
    links.forEach(link -> {
      if (!link.path("templated").asBoolean(true)) {
        hear(root.get(URI.create(link.path("href").asString()).getPath()));
      }
    });
    for (JsonNode meter : root.get("/actuator/metrics").body().path("names")) {
      hear(root.get("/actuator/metrics/" + meter.asString()));
    }
    for (String setting :
        List.of(
            "keyledger.root-key",
            "keyledger.peppers",
            "KEYLEDGER_SHARED_KEY",
            "KEYLEDGER_GATEWAY_TOKEN",
            "keyledger.database.password")) {
      Answer answer = root.get("/actuator/env/" + setting);
      assertThat(answer.text()).contains("******");
      hear(answer);
    }
  }

  private void hear(Answer answer) {
    answers.add(answer.status() + "\n" + answer.headers().map() + "\n" + answer.text());
  }

  /** Adds a secret, its part without prefix and hint, and its bare hash. */
  private void hatchSecret(String name, String secret) throws Exception {
    hatch(name, secret.substring("kl_live_".length(), secret.length() - 4));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(US_ASCII));
    hatchBytes("the bare hash of " + name, hash);
  }

  private void hatchSecretsOf(KeyledgerProcess keyledger) throws IOException {
    Path secrets = keyledger.dataDirectory().resolve("secrets");
    hatch("the root key", keyledger.rootKey());
    hatch("the gateway's token", GATEWAY_TOKEN);
    hatch("the shared key", SHARED_KEY);
    hatch("the idempotency key", IDEMPOTENCY_KEY);
    hatch(
        "the database's password", Files.readString(secrets.resolve("postgres.password")).strip());
    String pepper = Files.readString(secrets.resolve("peppers")).strip();
    assertThat(pepper).startsWith("1:");
    hatch("the pepper", pepper.substring(2));
    hatchBytes("the pepper's bytes", Base64.getDecoder().decode(pepper.substring(2)));
  }

  /** Adds a text, and its form in hexadecimal. */
  private void hatch(String name, String text) {
    canaries.put(name, text);
    canaries.put(name + " in hexadecimal", HexFormat.of().formatHex(text.getBytes(US_ASCII)));
  }

  private void hatchBytes(String name, byte[] bytes) {
    canaries.put(name, new String(bytes, ISO_8859_1));
    canaries.put(name + " in hexadecimal", HexFormat.of().formatHex(bytes));
    canaries.put(name + " in base64", Base64.getEncoder().encodeToString(bytes));
  }

  private void assertNothingIn(String text, String where) {
    canaries.forEach(
        (name, canary) -> assertThat(text.contains(canary)).as(name + " is in " + where).isFalse());
  }

  private void lookThroughRows(KeyledgerProcess keyledger, IssuedKey known) throws SQLException {
    boolean knownFound = false;
    try (Connection connection = keyledger.database()) {
      List<String> tables = tablesOf(connection);
      assertThat(tables).contains("log.event", "log.key_secret", "log.log_head");
      for (String table : tables) {
        try (var statement = connection.createStatement();
            var rows = statement.executeQuery("SELECT t::text FROM " + table + " t")) {
          while (rows.next()) {
            assertNothingIn(rows.getString(1), "a row of " + table);
            knownFound |= rows.getString(1).contains(known.id());
          }
        }
      }
    }
    assertThat(knownFound).as("rows name the key").isTrue();
  }

  private static List<String> tablesOf(Connection connection) throws SQLException {
    var tables = new ArrayList<String>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                SELECT quote_ident(schemaname) || '.' || quote_ident(tablename)
                FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
                """)) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  private void lookThroughFiles(Path dataDirectory, IssuedKey known) throws IOException {
    boolean knownFound = false;
    Path secrets = dataDirectory.resolve("secrets");
    try (Stream<Path> files = Files.walk(dataDirectory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(secrets)) {
          String bytes = Files.readString(file, ISO_8859_1);
          assertNothingIn(bytes, file.toString());
          knownFound |= bytes.contains(known.id());
        }
      }
    }
    assertThat(knownFound).as("files hold the key's id").isTrue();
  }
}
