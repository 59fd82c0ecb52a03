package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Exported;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The past, at a time or after a position: a key, a decision, and the events. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class PastIT {
  private static final String EXPORT = "/v1/audit/export";

  private Client root;
  private Issuer issuer;

  @BeforeEach
  void inAWorkspaceOfItsOwn(KeyledgerProcess keyledger) {
    String name = WorkspacesIT.name();
    WorkspacesIT.open(keyledger.root(), name, "\"allowNoExpiry\": true");
    root = WorkspacesIT.in(keyledger.root(), name);
    issuer = new Issuer(root);
  }

  /**
   * Checks that a key is shown as its command left it, after each of its events, by position and by
   * time.
   */
  @Test
  void aKeyIsShownAsItWasAfterEachOfItsEvents() {
    IssuedKey key = issuer.issued("read:users");
    List<JsonNode> shown = new ArrayList<>(List.of(issuer.read(key)));
    for (String command : List.of("suspend", "resume", "rotate", "revoke")) {
      issuer.done(key, command, "{}");
      shown.add(issuer.read(key));
    }
    JsonNode history = issuer.history(key);

    assertThat(history).hasSize(shown.size());
    for (int i = 0; i < shown.size(); i++) {
      long position = history.get(i).path("position").asLong();
      Instant time = Instant.parse(history.get(i).path("time").asString());
      for (String point : List.of("position=" + position, "time=" + time)) {
        assertThat(at(key, point).body()).as(point).isEqualTo(shown.get(i));
      }
      if (i > 0) {
        assertThat(at(key, "time=" + time.minusNanos(1)).body()).isEqualTo(shown.get(i - 1));
      }
    }
    long first = history.get(0).path("position").asLong();
    assertProblem(at(key, "position=" + (first - 1)), 404, "not-found");
    assertProblem(at(key, "time=2020-01-01T00:00:00Z"), 404, "not-found");
  }

  /** Checks a decision of the past by the clock of that time, not of today. */
  @Test
  void pastDecisionsUseTheClockOfThatTime() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    Instant created = Instant.parse(issuer.read(key).path("createdAt").asString());
    Instant expired = created.plusSeconds(2);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> at(key, "time=" + expired).status(), status -> status == 200);

    assertThat(at(key, "time=" + created).body().path("status").asString()).isEqualTo("active");
    assertThat(at(key, "time=" + expired).body().path("status").asString()).isEqualTo("expired");
    assertThat(decided("\"time\": \"%s\"".formatted(created), key)).containsOnly("VALID");
    assertThat(decided("\"time\": \"%s\"".formatted(expired), key)).containsOnly("EXPIRED");
  }

  @Test
  void aDecisionIsTheOneThatWouldHaveBeenTaken() {
    IssuedKey key = issuer.issued("read:users");
    IssuedKey rotated = issuer.rotated(key, "{\"overlap\": \"PT0S\"}");
    issuer.done(key, "suspend", "{}");
    issuer.done(key, "revoke", "{}");
    List<Long> positions = new ArrayList<>();
    issuer
        .history(key)
        .valueStream()
        .filter(entry -> !entry.path("type").asString().equals("RotationCompleted")) // of a timer
        .forEach(entry -> positions.add(entry.path("position").asLong()));

    assertThat(positions.stream().map(position -> codeAt(key, position)))
        .containsExactly("VALID", "ROTATED_OUT", "ROTATED_OUT", "REVOKED");
    assertThat(positions.stream().map(position -> codeAt(rotated, position)))
        .containsExactly("NOT_FOUND", "VALID", "SUSPENDED", "REVOKED");
    assertThat(
            positions.stream().map(position -> decided("\"position\": " + position, key).getLast()))
        .containsExactly("VALID", "VALID", "SUSPENDED", "REVOKED");
    assertThat(codeAt(key, positions.getFirst() - 1)).isEqualTo("NOT_FOUND");
  }

  /**
   * Checks that a decision about the past has all fields of a check, except its own position and
   * time.
   */
  @Test
  void aDecisionOnTheLatestIsTheCheckOfToday() {
    IssuedKey key = issuer.issued("read:users");
    long position = issuer.history(key).get(0).path("position").asLong();
    String asked =
        "\"key\": \"%s\", \"permissions\": {\"allOf\": [\"write:users\"]}, \"explain\": true"
            .formatted(key.secret());
    var today = (ObjectNode) issuer.verifiedWith(asked);
    var then = (ObjectNode) past(asked + ", \"position\": " + position).body();

    assertThat(then.path("position").asLong()).isEqualTo(position);
    assertThat(then.path("asOf")).isEqualTo(issuer.history(key).get(0).path("time"));
    today.remove(List.of("position", "asOf"));
    then.remove(List.of("position", "asOf"));
    assertThat(then).isEqualTo(today);
  }

  @Test
  void aWorkspaceWasOpenBeforeItWasClosed(KeyledgerProcess keyledger) {
    IssuedKey key = issuer.issued("read:users");
    long issued = issuer.history(key).get(0).path("position").asLong();
    String name = issuer.read(key).path("workspace").asString();
    Answer closed = keyledger.root().post("/v1/workspaces/" + name + "/close", "{}");
    assertThat(closed.status()).isEqualTo(200);
    String now = "\"time\": \"%s\"".formatted(Instant.now());

    assertThat(codeAt(key, issued)).isEqualTo("VALID");
    assertThat(decided(now, key)).containsOnly("NOT_FOUND");
  }

  @Test
  void aPointIsNamedOnceAndIsNotInTheFuture() {
    IssuedKey key = issuer.issued("read:users");
    String future = Instant.now().plus(Duration.ofHours(1)).toString();

    for (String point :
        List.of(
            "",
            "time=" + future,
            "time=yesterday",
            "position=0",
            "position=x",
            "position=999999999999999999",
            "position=1&time=2020-01-01T00:00:00Z")) {
      assertProblem(at(key, point), 400, "bad-request");
    }
    String mine = "\"key\": \"%s\"".formatted(key.secret());
    for (String point :
        List.of(
            "\"time\": \"%s\"".formatted(future),
            "\"time\": \"yesterday\"",
            "\"position\": 0",
            "\"position\": \"1\"",
            "\"position\": 999999999999999999",
            "\"position\": 1, \"maxAge\": \"PT1S\"",
            "\"position\": 1, \"cacheable\": true",
            "\"position\": 1, \"keyId\": \"x\"")) {
      assertProblem(past(mine + ", " + point), 400, "bad-request");
    }
    for (String fields :
        List.of(
            mine,
            mine + ", \"position\": 1, \"time\": \"2020-01-01T00:00:00Z\"",
            "\"position\": 1",
            mine + ", \"position\": 1, \"keyId\": \"%s\"".formatted(key.id()))) {
      assertProblem(past(fields), 422, "invalid-field");
    }
  }

  /** Checks that an export is complete, ordered, and can resume after any line. */
  @Test
  void anExportHoldsAllThatHappenedInOrder(KeyledgerProcess keyledger) {
    String name = "";
    for (int i = 0; i < 3; i++) {
      IssuedKey key = issuer.issued("read:users");
      issuer.done(key, "revoke", "{\"reason\": \"left\"}");
      name = issuer.read(key).path("workspace").asString();
    }
    String path = "/v1/workspaces/" + name;
    Answer changed = keyledger.root().patch(path, "{\"policy\": {\"maxKeys\": 50}}");
    Client current = root.header("Keyledger-At-Least", changed.header("Keyledger-Position"));
    Answer all = current.get(EXPORT);
    List<JsonNode> events = Exported.of(all);

    assertThat(all.header("Content-Type")).isEqualTo("application/x-ndjson");
    assertThat(events)
        .extracting(event -> event.path("type").asString())
        .containsExactly(
            "dev.keyledger.WorkspaceOpened",
            "dev.keyledger.KeyIssued",
            "dev.keyledger.KeyRevoked",
            "dev.keyledger.KeyIssued",
            "dev.keyledger.KeyRevoked",
            "dev.keyledger.KeyIssued",
            "dev.keyledger.KeyRevoked",
            "dev.keyledger.PolicyChanged");
    assertThat(events).extracting(event -> event.path("id").asLong()).isSorted();
    assertThat(events.get(2).at("/data/reason").asString()).isEqualTo("left");
    for (int i = 0; i < events.size(); i++) {
      String after = "?after=" + events.get(i).path("id").asString();
      assertThat(Exported.of(current.get(EXPORT + after))).isEqualTo(events.subList(i + 1, 8));
    }
    // No event of the export is repeated, and none after it is missing.
    IssuedKey next = issuer.issued("read:users");
    Client later = root.header("Keyledger-At-Least", next.answer().header("Keyledger-Position"));
    assertThat(Exported.of(later.get(EXPORT + "?after=" + events.getLast().path("id").asString())))
        .singleElement()
        .extracting(event -> event.path("subject").asString())
        .isEqualTo(next.id());
    String from = events.get(3).path("time").asString();
    String to = events.get(5).path("time").asString();
    assertThat(Exported.of(current.get(EXPORT + "?from=" + from + "&to=" + to)))
        .isEqualTo(events.subList(3, 5));
  }

  @Test
  void anExportOfManyPartsHasNoSeam() {
    String keys = "{%s, \"secretSha256\": \"%%064x\"}".formatted(Issuer.fields("read:users"));
    var bodies = new ArrayList<String>();
    for (int i = 0; i < 1_000; i++) {
      bodies.add(keys.formatted(System.nanoTime() * 1_000 + i));
    }
    Answer imported =
        root.post("/v1/keys/import", "{\"keys\": [%s]}".formatted(String.join(",", bodies)));
    assertThat(imported.status()).as(imported.text()).isEqualTo(200);
    Client current = root.header("Keyledger-At-Least", imported.header("Keyledger-Position"));

    List<JsonNode> events = Exported.of(current.get(EXPORT));
    assertThat(events).hasSize(1_001);
    assertThat(events)
        .extracting(event -> event.path("id").asLong())
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void malformedParametersOfAnExportAreRefused(KeyledgerProcess keyledger) {
    for (String query :
        List.of("after=-1", "after=x", "from=x", "to=", "cursor=x", "limit=1", "after=1&after=2")) {
      assertProblem(root.get(EXPORT + "?" + query), 400, "bad-request");
    }
    assertProblem(root.get(EXPORT + "?workspace=default"), 400, "bad-request");
    assertProblem(keyledger.root().get(EXPORT + "?workspace=no-such-workspace"), 404, "not-found");
    assertProblem(root.header("Accept", "text/html").get(EXPORT), 406, "not-acceptable");
  }

  private Answer at(IssuedKey key, String point) {
    return root.get(key.path() + "/at" + (point.isEmpty() ? "" : "?" + point));
  }

  private Answer past(String fields) {
    return root.post("/v1/verify/at", "{%s}".formatted(fields));
  }

  private String codeAt(IssuedKey key, long position) {
    return decided("\"position\": " + position, key).getFirst();
  }

  /** Returns the decisions on a presented secret, and on the key by its id. */
  private List<String> decided(String point, IssuedKey key) {
    return List.of(
            "\"key\": \"%s\", ".formatted(key.secret()), "\"keyId\": \"%s\", ".formatted(key.id()))
        .stream()
        .map(named -> past(named + point).body().path("code").asString())
        .toList();
  }
}
