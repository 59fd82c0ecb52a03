package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Pages;
import dev.keyledger.standalone.process.TcpProxy;
import dev.keyledger.standalone.process.TcpProxy.Line;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Three strict nodes. One freezes while a key is revoked, and ends; then one of the two others
 * dies.
 */
@Timeout(240)
@TestMethodOrder(OrderAnnotation.class)
class FrozenNodeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KEYS_AROUND_THE_KILL = 5;
  private static final String WORKSPACE = "takeover";

  private static OwnDatabase database;
  private static TcpProxy line;
  private static KeyledgerProcess command;
  private static KeyledgerProcess one;
  private static KeyledgerProcess other;
  private static KeyledgerProcess third;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    database = OwnDatabase.start(directory);
    line = database.proxy();
    command = KeyledgerProcess.launch(Application.COMMAND_SIDE, database.environment());
    one = launch(database.environment(), "checks-1");
    other = launch(database.environment(), "checks-2");
    third = launch(database.environment(line), "checks-3");
    for (KeyledgerProcess node : List.of(command, one, other, third)) {
      node.awaitReady();
    }
  }

  @AfterAll
  static void end() throws Exception {
    for (AutoCloseable started : List.of(third, other, one, command, line, database)) {
      started.close();
    }
  }

  @Test
  @Order(1)
  void aFrozenNodeIsNamedThenNotCountedAndAnswersNothingUntilItHasCaughtUp() throws Exception {
    Issuer issuer = command.issuer();
    IssuedKey key = issuer.issued("read:users");
    Answer everywhere = change(command.root(), key, "{\"permissions\": [\"read:a\"]}");
    assertThat(everywhere.status()).as(everywhere.text()).isEqualTo(200);
    assertThat(everywhere.header("Keyledger-Receipt")).isEqualTo("proof");
    assertThat(third.issuer().codeOf(key.secret())).isEqualTo("VALID");

    signal("STOP", third);
    line.become(Line.CUT);
    String revoke = key.path() + "/revoke?wait=applied";
    Client once = command.root().header("Idempotency-Key", "revoke-" + key.id());
    Answer accepted = once.header("Keyledger-Wait", "PT0.5S").post(revoke, "{}");
    assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
    assertThat(accepted.body().path("status").asString()).isEqualTo("revoked");
    assertThat(accepted.header("Keyledger-Receipt")).isEmpty();
    assertThat(names(accepted.body().path("notAppliedBy"))).containsExactly("checks-3");
    JsonNode applied = applied(one, accepted);
    assertThat(applied.path("appliedEverywhere").asBoolean()).isFalse();
    assertThat(names(applied.path("nodes"))).containsExactly("checks-1", "checks-2", "checks-3");
    assertThat(applied.path("nodes"))
        .extracting(node -> node.path("applied").asBoolean())
        .containsExactly(true, true, false);

    // It still considers the key valid; after the end of its lease, that no longer matters.
    Answer receipt =
        await()
            .atMost(PATIENCE)
            .until(
                () -> once.header("Keyledger-Wait", "PT10S").post(revoke, "{}"),
                answer -> answer.status() == 200);
    assertThat(receipt.header("Keyledger-Receipt")).isEqualTo("proof");
    assertThat(receipt.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(names(applied(other, receipt).path("nodes")))
        .containsExactly("checks-1", "checks-2");
    for (KeyledgerProcess node : List.of(one, other)) {
      assertThat(node.issuer().codeOf(key.secret())).isEqualTo("REVOKED");
    }

    var asked = new ArrayList<CompletableFuture<Answer>>();
    for (int i = 0; i < 4; i++) {
      asked.add(CompletableFuture.supplyAsync(() -> check(third, key)));
    }
    signal("CONT", third);
    for (CompletableFuture<Answer> answer : asked) {
      assertStale(answer.join()); // the log was reachable less than max-staleness ago
    }
    assertStale(check(third, key));
    assertThat(third.client().get("/actuator/health/readiness").status()).isEqualTo(503);
    assertThat(gateway(third, key).status()).isEqualTo(503);

    line.become(Line.GOOD);
    Answer caughtUp =
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  Answer answer = check(third, key);
                  assertThat(answer.text()).doesNotContain("\"VALID\"");
                  return answer;
                },
                answer -> answer.status() == 200);
    assertThat(caughtUp.body().path("code").asString()).isEqualTo("REVOKED");
    assertThat(names(applied(one, receipt).path("nodes"))).hasSize(3);
    third.terminate();
    assertThat(names(applied(one, receipt).path("nodes")))
        .as("given back")
        .containsExactly("checks-1", "checks-2");
  }

  /**
   * Checks the takeover of projections: when the node that updates them dies, the other continues.
   */
  @Test
  @Order(2)
  void theOtherNodeTakesOverAndMissesNothing() throws Exception {
    await().atMost(PATIENCE).until(() -> moversAreAmong("checks-1", "checks-2"));
    KeyledgerProcess dying = movers().contains("checks-1") ? one : other;
    KeyledgerProcess standby = dying == one ? other : one;
    Client root = command.root();
    String opened = "{\"workspace\": \"%s\"}".formatted(WORKSPACE);
    assertThat(root.post("/v1/workspaces", opened).status()).isEqualTo(201);
    var issuer = new Issuer(root.header("Keyledger-Workspace", WORKSPACE));
    var enough = new AtomicBoolean();
    var issued = new ArrayList<IssuedKey>();
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<List<IssuedKey>> writer = threads.submit(() -> writeUntil(enough, issuer));
      try {
        awaitListed(dying);
        dying.kill9();
        await()
            .atMost(PATIENCE)
            .until(() -> moversAreAmong(standby == one ? "checks-1" : "checks-2"));
        awaitListed(standby);
      } finally {
        enough.set(true);
      }
      issued.addAll(writer.get());
    }

    String last = issued.getLast().answer().header("Keyledger-Position");
    Client client = lists(standby).header("Keyledger-At-Least", last);
    String[] ids = issued.reversed().stream().map(IssuedKey::id).toArray(String[]::new);
    assertThat(Pages.ids(client, "/v1/keys?limit=200", "keyId")).containsExactly(ids);
    assertThat(Pages.ids(client, "/v1/audit?limit=200&type=KeyIssued", "keyId"))
        .containsExactly(ids);
  }

  private static List<IssuedKey> writeUntil(AtomicBoolean enough, Issuer issuer) {
    var issued = new ArrayList<IssuedKey>();
    while (!enough.get()) {
      issued.add(issuer.issued("read:users"));
    }
    return issued;
  }

  private static void awaitListed(KeyledgerProcess node) {
    int before = listed(node);
    await().atMost(PATIENCE).until(() -> listed(node) >= before + KEYS_AROUND_THE_KILL);
  }

  private static int listed(KeyledgerProcess node) {
    return Pages.ids(lists(node), "/v1/keys?limit=200", "keyId").size();
  }

  private static Client lists(KeyledgerProcess node) {
    return node.root().header("Keyledger-Workspace", WORKSPACE);
  }

  private static boolean moversAreAmong(String... names) throws SQLException {
    List<String> movers = movers();
    return movers.size() == 2 && List.of(names).containsAll(movers);
  }

  /** Returns the name of the node that moves each of the two projections. */
  private static List<String> movers() throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery("SELECT owner FROM read.projection WHERE owner IS NOT NULL")) {
      var movers = new ArrayList<String>();
      while (row.next()) {
        movers.add(row.getString(1).split(" ", 2)[0]);
      }
      return movers;
    }
  }

  private static KeyledgerProcess launch(Map<String, String> environment, String name) {
    environment.put("KEYLEDGER_NODE_NAME", name);
    environment.put("KEYLEDGER_VERIFICATION_STRICT_LEASE", "true");
    return KeyledgerProcess.launch(Application.QUERY_SIDE, environment);
  }

  private static Answer change(Client root, IssuedKey key, String permissions) {
    return root.header("Keyledger-Wait", "PT10S")
        .put(key.path() + "/permissions?wait=applied", permissions);
  }

  private static Answer check(KeyledgerProcess node, IssuedKey key) {
    return node.issuer().verify("{\"key\": \"%s\"}".formatted(key.secret()));
  }

  private static Answer gateway(KeyledgerProcess node, IssuedKey key) {
    return node.client().bearer(key.secret()).get("/v1/forward-auth");
  }

  private static JsonNode applied(KeyledgerProcess node, Answer command) {
    Answer answer =
        node.root().get("/v1/positions/" + command.header("Keyledger-Position") + "/applied");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  private static List<String> names(JsonNode nodes) {
    return nodes.valueStream().map(node -> node.path("node").asString()).toList();
  }

  private static void assertStale(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.body().path("code").asString()).isEqualTo("stale");
  }

  private static void signal(String name, KeyledgerProcess process) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor())
        .isZero();
  }
}
