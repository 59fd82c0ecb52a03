package dev.keyledger.standalone.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.example.byhand.expiringkeys.ExpiringKeys;
import com.example.byhand.limitedkeys.LimitedKeys;
import com.example.byhand.ownedkeys.OwnedKeys;
import com.example.byhand.sharedkey.SharedKey;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Receiver;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The examples of the four ways to use API keys, for Express and Spring, with Keyledger and by
 * hand: they run, and both kinds do as their page describes.
 */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class ExamplesIT {
  private static final Path TABLES = Path.of("../examples/by-hand.sql");
  private static final List<String> WAYS =
      List.of("shared-key", "owned-keys", "expiring-keys", "limited-keys");
  private static final Pattern STARTED = Pattern.compile("(\\S+): (http://\\S+)");
  private static final Duration DUE_MAX = Duration.ofMinutes(1);
  private static final String SHARED_KEY = "a-key-that-all-clients-have-used-for-years";
  private static final String ADMIN_KEY = "the-key-of-who-issues-keys";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static Issuer issuer;
  private static Receiver receiver;
  private static OwnDatabase database;

  private record Key(String id, String secret) {}

  /** The addresses of the four applications. */
  private record Apps(URI sharedKey, URI ownedKeys, URI expiringKeys, URI limitedKeys) {
    static Apps of(List<URI> inOrder) {
      return new Apps(inOrder.get(0), inOrder.get(1), inOrder.get(2), inOrder.get(3));
    }
  }

  /** The issuer and revoker of keys, and the actions of holders. */
  private interface Authority {
    Key issue(URI app, String permission) throws Exception;

    void revoke(URI app, Key key) throws Exception;

    void renew(URI app, String secret) throws Exception;

    /** Returns the secret of a key whose first reminder is due, or is soon. */
    String due();

    /** Returns the secret of a key that expires soon, or has. */
    String expired();
  }

  @BeforeAll
  static void prepare(@TempDir Path temporary, KeyledgerProcess node) throws Exception {
    String workspace = "examples-" + UUID.randomUUID();
    assertThat(
            node.root()
                .post(
                    "/v1/workspaces",
                    """
                    {"workspace": "%s",
                     "policy": {"reminders": ["PT59M59S"], "holderMay": ["renew"]}}
                    """
                        .formatted(workspace))
                .status())
        .isEqualTo(201);
    issuer = new Issuer(node.root().header("Keyledger-Workspace", workspace));
    issuer.issuedWith("\"secretSha256\": \"%s\"".formatted(sha256(SHARED_KEY)));
    receiver = new Receiver();
    database = OwnDatabase.start(temporary);
    execute(Files.readString(TABLES));
  }

  @AfterAll
  static void end() throws IOException {
    receiver.close();
    database.close();
  }

  @Test
  @Tag("tools")
  void theExamplesForExpressWork(KeyledgerProcess node) throws Exception {
    var byHand = new ByHand("express");
    var atKeyledger = new AtKeyledger(node);
    TypeScriptClient.install(TypeScriptClient.examples());
    var command = new ArrayList<>(List.of("node", "start.js"));
    WAYS.forEach(way -> command.addAll(List.of("keyledger/" + way, "by-hand/" + way)));
    var builder =
        new ProcessBuilder(command)
            .directory(TypeScriptClient.examples().toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(environment(node));
    Process process = builder.start();
    try (BufferedReader output = process.inputReader(UTF_8)) {
      Map<String, URI> apps = new HashMap<>();
      var printed = new StringBuilder();
      while (apps.size() < 2 * WAYS.size()) {
        String line = output.readLine();
        assertThat(line).as(printed.toString()).isNotNull();
        printed.append(line).append('\n');
        Matcher started = STARTED.matcher(line);
        if (started.matches()) {
          apps.put(started.group(1), URI.create(started.group(2)));
        }
      }
      Apps withKeyledger = of("keyledger", apps);
      assertFourWays(withKeyledger, atKeyledger);
      assertReplacedWithoutRestart(withKeyledger.sharedKey());
      byHand.assertReminded();
      assertFourWays(of("by-hand", apps), byHand);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theExamplesForSpringWithKeyledgerWork(KeyledgerProcess node) throws Exception {
    Map<String, String> settings =
        Map.of("keyledger.url", node.uri().toString(), "keyledger.key", operatorKey());
    var atKeyledger = new AtKeyledger(node);
    withApplications(
        SpringApplications.WithStarter.class,
        settings,
        List.of(
            com.example.keyledger.sharedkey.SharedKey.class,
            com.example.keyledger.ownedkeys.OwnedKeys.class,
            com.example.keyledger.expiringkeys.ExpiringKeys.class,
            com.example.keyledger.limitedkeys.LimitedKeys.class),
        apps -> {
          assertFourWays(apps, atKeyledger);
          assertReplacedWithoutRestart(apps.sharedKey());
        });
  }

  @Test
  void theExamplesForSpringByHandWork() throws Exception {
    var byHand = new ByHand("spring");
    DatabaseSettings login = database.settings();
    Map<String, String> settings =
        Map.of(
            "spring.datasource.url",
            login.jdbcUrl(),
            "spring.datasource.username",
            login.username(),
            "spring.datasource.password",
            login.password(),
            "API_KEY",
            SHARED_KEY,
            "ADMIN_KEY",
            ADMIN_KEY,
            "REMINDER_URL",
            receiver.uri().toString());
    withApplications(
        SpringApplications.WithDatabase.class,
        settings,
        List.of(SharedKey.class, OwnedKeys.class, ExpiringKeys.class, LimitedKeys.class),
        apps -> {
          byHand.assertReminded();
          assertFourWays(apps, byHand);
        });
  }

  private static void assertFourWays(Apps apps, Authority authority) throws Exception {
    assertSharedKey(apps.sharedKey());
    assertOwnedKeys(apps.ownedKeys(), authority);
    assertLimitedKeys(apps.limitedKeys(), authority);
    assertExpiringKeys(apps.expiringKeys(), authority);
  }

  private static void assertSharedKey(URI app) throws Exception {
    assertThat(users(app, SHARED_KEY).body()).contains("ada");
    assertRefused(app, "a-key-that-nobody-has");
    assertThat(send(request(app)).statusCode()).isEqualTo(401);
    assertThat(send(request(app).header("Authorization", "Bearer " + SHARED_KEY)).statusCode())
        .isEqualTo(200);
  }

  /** Checks a change of the shared key at Keyledger while the application runs. */
  private static void assertReplacedWithoutRestart(URI app) throws Exception {
    IssuedKey first = issuer.issued();
    IssuedKey second = issuer.issued();
    assertThat(users(app, first.secret()).statusCode()).isEqualTo(200);
    assertThat(users(app, second.secret()).statusCode()).isEqualTo(200);
    issuer.done(first, "revoke", "{}");
    assertRefused(app, first.secret());
    assertThat(users(app, second.secret()).statusCode()).isEqualTo(200);
  }

  private static void assertOwnedKeys(URI app, Authority authority) throws Exception {
    Key key = authority.issue(app, "read:users");
    HttpResponse<String> answer = users(app, key.secret());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer).path("caller").asString()).isEqualTo("service:reports");
    assertRefused(app, key.secret() + "x");
    assertThat(send(request(app)).statusCode()).isEqualTo(401);
    authority.revoke(app, key);
    assertRefused(app, key.secret());
  }

  private static void assertLimitedKeys(URI app, Authority authority) throws Exception {
    Key reader = authority.issue(app, "read:users");
    Key writer = authority.issue(app, "write:users");
    URI alan = app.resolve("/users/alan");
    assertForbidden(put(alan, reader.secret()), "write:users");
    assertThat(users(app, reader.secret()).body()).contains("ada").doesNotContain("alan");
    assertThat(put(alan, writer.secret()).statusCode()).isEqualTo(204);
    assertThat(users(app, reader.secret()).body()).contains("alan");
    assertForbidden(users(app, writer.secret()), "read:users");
    assertRefused(app, "a-key-that-nobody-has");
    authority.revoke(app, reader);
    assertRefused(app, reader.secret());
  }

  private static void assertExpiringKeys(URI app, Authority authority) throws Exception {
    Key key = authority.issue(app, "read:users");
    assertThat(users(app, key.secret()).statusCode()).isEqualTo(200);
    assertThat(renewalDue(app, key.secret())).isEmpty();
    await().atMost(DUE_MAX).until(() -> renewalDue(app, authority.due()).isPresent());
    assertThat(users(app, authority.due()).statusCode()).isEqualTo(200);
    authority.renew(app, authority.due());
    assertThat(renewalDue(app, authority.due())).isEmpty();
    await().atMost(DUE_MAX).until(() -> users(app, authority.expired()).statusCode() == 401);
    assertRefused(app, authority.expired());
    assertRefused(app, "a-key-that-nobody-has");
    authority.revoke(app, key);
    assertRefused(app, key.secret());
  }

  private static Optional<String> renewalDue(URI app, String key) throws Exception {
    return users(app, key).headers().firstValue("Renewal-Due");
  }

  private static void assertRefused(URI app, String key) throws Exception {
    HttpResponse<String> answer = users(app, key);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(answer.body()).doesNotContain("ada");
  }

  private static void assertForbidden(HttpResponse<String> answer, String permission) {
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer error=\"insufficient_scope\", scope=\"" + permission + "\"");
    assertThat(answer.body()).doesNotContain("ada");
  }

  private static HttpResponse<String> users(URI app, String key) throws Exception {
    return send(request(app).header("X-API-Key", key));
  }

  private static HttpResponse<String> put(URI uri, String key) throws Exception {
    return send(HttpRequest.newBuilder(uri).PUT(BodyPublishers.noBody()).header("X-API-Key", key));
  }

  private static HttpRequest.Builder request(URI app) {
    return HttpRequest.newBuilder(app.resolve("/users"));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  private static Apps of(String kind, Map<String, URI> apps) {
    return Apps.of(
        WAYS.stream().map(way -> Objects.requireNonNull(apps.get(kind + "/" + way))).toList());
  }

  private static String operatorKey() {
    return issuer.issued("keyledger:verify").secret();
  }

  private static Map<String, String> environment(KeyledgerProcess node) {
    DatabaseSettings login = database.settings();
    String url =
        login
            .jdbcUrl()
            .replaceFirst("jdbc:postgresql://", "postgresql://%s:%s@")
            .formatted(login.username(), login.password());
    return Map.of(
        "PORT",
        "0",
        "KEYLEDGER_URL",
        node.uri().toString(),
        "KEYLEDGER_KEY",
        operatorKey(),
        "DATABASE_URL",
        url,
        "API_KEY",
        SHARED_KEY,
        "ADMIN_KEY",
        ADMIN_KEY,
        "REMINDER_URL",
        receiver.uri().toString());
  }

  /** A trial of running applications. */
  @FunctionalInterface
  private interface Trial {
    void on(Apps apps) throws Exception;
  }

  private static void withApplications(
      Class<?> configured, Map<String, String> settings, List<Class<?>> types, Trial trial)
      throws Exception {
    List<ConfigurableApplicationContext> started = new ArrayList<>();
    try {
      for (Class<?> type : types) {
        started.add(SpringApplications.start(type, configured, settings));
      }
      trial.on(Apps.of(started.stream().map(SpringApplications::uri).toList()));
    } finally {
      started.forEach(ConfigurableApplicationContext::close);
    }
  }

  private static void execute(String sql) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keyledger. */
  private static final class AtKeyledger implements Authority {
    private final KeyledgerProcess node;
    private final IssuedKey due = issuer.issuedWith("\"lifetime\": \"PT1H\"", "read:users");
    private final IssuedKey expired = issuer.issuedWith("\"lifetime\": \"PT2S\"", "read:users");

    AtKeyledger(KeyledgerProcess node) {
      this.node = node;
    }

    @Override
    public Key issue(URI app, String permission) {
      IssuedKey issued =
          issuer.issuedFrom(
              """
              {"name": "Reports", "owner": {"type": "service", "id": "reports"},
               "permissions": ["%s"]}
              """
                  .formatted(permission));
      return new Key(issued.id(), issued.secret());
    }

    @Override
    public void revoke(URI app, Key key) {
      assertThat(issuer.client().post("/v1/keys/" + key.id() + "/revoke", "{}").status())
          .isEqualTo(200);
    }

    @Override
    public void renew(URI app, String secret) {
      assertThat(
              new Client(node.uri())
                  .bearer(secret)
                  .post("/v1/self/renew", "{\"lifetime\": \"P90D\"}")
                  .status())
          .isEqualTo(200);
    }

    @Override
    public String due() {
      return due.secret();
    }

    @Override
    public String expired() {
      return expired.secret();
    }
  }

  /** The example itself, with its table. */
  private static final class ByHand implements Authority {
    private final String name;

    ByHand(String name) throws SQLException {
      this.name = name;
      execute(
          """
          INSERT INTO expiring_keys (digest, owner, expires_at) VALUES
            ('\\x%s', 'user:%s', now() + interval '5 days'),
            ('\\x%s', 'user:%s', now() - interval '1 second')
          """
              .formatted(sha256(due()), name, sha256(expired()), name));
    }

    @Override
    public Key issue(URI app, String permission) throws Exception {
      URI keys = app.resolve("/keys");
      var body =
          BodyPublishers.ofString(
              "{\"owner\": \"service:reports\", \"permissions\": [\"%s\"]}".formatted(permission));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(keys).POST(body).header("Content-Type", "application/json");
      assertThat(send(request.copy()).statusCode()).isEqualTo(401);
      HttpResponse<String> answer = send(request.header("X-API-Key", ADMIN_KEY));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
      var wrong =
          HttpRequest.newBuilder(keys)
              .POST(BodyPublishers.ofString("{}"))
              .header("Content-Type", "application/json")
              .header("X-API-Key", ADMIN_KEY);
      assertThat(send(wrong).statusCode()).isEqualTo(400);
      JsonNode issued = json(answer);
      return new Key(issued.path("id").asString(), issued.path("key").asString());
    }

    @Override
    public void revoke(URI app, Key key) throws Exception {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(app.resolve("/keys/" + key.id())).DELETE();
      assertThat(send(request.copy()).statusCode()).isEqualTo(401);
      request.header("X-API-Key", ADMIN_KEY);
      assertThat(send(request).statusCode()).isEqualTo(204);
      assertThat(send(request).statusCode()).isEqualTo(404);
    }

    @Override
    public void renew(URI app, String secret) throws Exception {
      HttpResponse<String> answer =
          send(
              HttpRequest.newBuilder(app.resolve("/renewals"))
                  .POST(BodyPublishers.noBody())
                  .header("X-API-Key", secret));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Override
    public String due() {
      return "ak_due-of-" + name;
    }

    @Override
    public String expired() {
      return "ak_expired-of-" + name;
    }

    /**
     * Checks the reminder, which is sent at the start of the application, before a renewal makes it
     * needless.
     */
    void assertReminded() {
      await()
          .atMost(DUE_MAX)
          .untilAsserted(() ->
              assertThat(receiver.events().stream().map(event -> event.path("owner").asString()))
                  .containsOnlyOnce("user:" + name));
    }
  }
}
