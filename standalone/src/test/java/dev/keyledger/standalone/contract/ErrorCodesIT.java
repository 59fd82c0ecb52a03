package dev.keyledger.standalone.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The codes of the contract, including those of faults: a real node answers with each of them. */
@Timeout(300)
class ErrorCodesIT {
  /** The codes that no request may lead to. */
  private static final Set<String> NEVER = Set.of("internal-error");

  private static final String KEY_OF_2020 = "key_01dxf6dt000000000000000000";
  private static final String APPEND_KEY_OF_2020 =
      """
      WITH head AS (UPDATE log.log_head SET position = position + 1 RETURNING position)
      INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
        time, actor_type, request_id, payload, context_hash)
      SELECT position, 'key', '%s', 0, 'default', 'KeyIssued', 1, now(), 'root', 'r',
        convert_to('{"name":"Old","owner":{"type":"app","id":"old"},"environment":"live","secret":'
          || '{"digest":"%064d","pepperVersion":1},"permissions":[],'
          || '"expiresAt":"2020-03-01T00:00:00Z","renewableUntil":"2020-04-01T00:00:00Z",'
          || '"reminders":[],"ipAllowList":[],"metadata":{}}', 'UTF8'), sha256('')
      FROM head
      """
          .formatted(KEY_OF_2020, 7);
  private static final String ALWAYS_TOO_LATE =
      """
      CREATE FUNCTION log.too_late() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE unique_violation USING CONSTRAINT = 'event_sequence';
      END $$;
      CREATE TRIGGER too_late BEFORE INSERT ON log.event FOR EACH ROW EXECUTE FUNCTION log.too_late()
      """;

  private static OwnDatabase database;
  private static KeyledgerProcess keyledger;

  private final Map<String, Integer> provoked = new LinkedHashMap<>();

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    database = OwnDatabase.start(directory);
    Map<String, String> environment = database.environment();
    environment.put("KEYLEDGER_LIMITS_FAILURES_PER_SOURCE", "1");
    keyledger = KeyledgerProcess.start(Application.STANDALONE, environment);
  }

  @AfterAll
  static void end() throws Exception {
    keyledger.close();
    database.close();
  }

  @Test
  void eachCodeIsProvoked() throws Exception {
    provokeByRequests(keyledger.root(), keyledger.issuer());
    provokeInAWorkspace(keyledger.root());
    note(answerTo("G"), "request-timeout");
    note(answerTo("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n"), "expectation-failed");
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(APPEND_KEY_OF_2020);
      note(
          keyledger.root().post("/v1/keys/" + KEY_OF_2020 + "/renew", "{}"),
          "renewal-window-closed");
      provokeByAFullHistory(statement);
      provokeByLateness(connection, statement);
      provokeByABlockedLog(connection, statement);
      provokeByAnAnswerThatIsLost(statement);
      provokeByConflicts(statement);
    }

    var documented = new TreeSet<String>();
    Contract.KEYLEDGER
        .document()
        .at("/components/schemas/ProblemCode/enum")
        .forEach(code -> documented.add(code.asString()));
    documented.removeAll(NEVER);
    assertThat(provoked.keySet()).containsExactlyInAnyOrderElementsOf(documented);
  }

  private void provokeByRequests(Client root, Issuer issuer) throws Exception {
    IssuedKey key = issuer.issued("read:users");
    String keys = "/v1/keys";
    String good = "{%s}".formatted(Issuer.fields("read:users"));
    note(root.post(keys, "{\"status\":\"active\"}"), "bad-request");
    String forged = "AAAAAAAAAAFDVZvhmQRaxujsigM05EnB";
    note(root.header("Keyledger-At-Least", forged).get(key.path()), "invalid-position-token");
    note(keyledger.client().get(key.path()), "unauthorized");
    note(
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(() -> keyledger.client().get(key.path()), answer -> answer.status() == 429),
        "rate-limited");
    Client reader = keyledger.client().bearer(issuer.issued("keyledger:keys:read").secret());
    note(reader.post(keys, good), "forbidden");
    Client weak = keyledger.client().bearer(issuer.issued("keyledger:keys:issue").secret());
    note(weak.post(keys, good), "permission-ceiling");
    note(root.get("/v1/keys/key_01k0000000000000000000000x"), "not-found");
    note(root.delete(keys), "method-not-allowed");
    note(root.header("Accept", "text/html").get(key.path()), "not-acceptable");
    note(root.header("Content-Type", "text/plain").post(keys, good), "unsupported-media-type");
    note(root.post(keys, good + " ".repeat(65536)), "too-large");
    note(root.header("X-Long", "a".repeat(9000)).get(key.path()), "headers-too-large");
    note(root.post(keys, good.replace("Billing", "")), "invalid-field");
    note(root.post(key.path() + "/renew", "{\"lifetime\":\"P3650D\"}"), "lifetime-not-allowed");
    note(root.post(key.path() + "/renew", "{\"lifetime\":\"P1D\"}"), "expiry-would-shorten");
    note(root.post(key.path() + "/resume", "{}"), "key-not-suspended");
    note(root.header("If-Match", "\"9\"").post(key.path() + "/suspend", "{}"), "version-mismatch");
    issuer.rotated(key, "{}");
    note(root.post(key.path() + "/rotate", "{}"), "rotation-in-progress");
    Client once = root.header("Idempotency-Key", "0123456789abcdef");
    once.post(key.path() + "/suspend", "{}");
    note(once.post(key.path() + "/resume", "{}"), "idempotency-key-reused");
    String hash = ", \"secretSha256\": \"%064x\"}".formatted(7);
    String imported = good.substring(0, good.length() - 1) + hash;
    assertThat(root.post(keys, imported).status()).isEqualTo(201);
    note(root.post(keys, imported), "digest-already-known");
    issuer.done(key, "revoke", "{}");
    note(root.post(key.path() + "/resume", "{}"), "key-revoked");
    IssuedKey brief = issuer.issuedWith("\"lifetime\":\"PT1S\"", "read:users");
    await().until(() -> issuer.codeOf(brief.secret()).equals("EXPIRED"));
    note(root.post(brief.path() + "/rotate", "{}"), "key-expired");
    note(root.post("/v1/verify", "{\"key\":\"x\",\"maxAge\":\"PT0S\"}"), "stale");
  }

  /** Sends a request, or a part of one, to the fast port. */
  private static Answer answerTo(String part) throws IOException {
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), keyledger.uri(Port.FAST).getPort())) {
      socket.getOutputStream().write(part.getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return new Answer(
          Integer.parseInt(answer.substring(9, 12)),
          HttpHeaders.of(Map.of(), (_, _) -> true),
          answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }
  }

  private void provokeInAWorkspace(Client root) {
    String one =
        "{\"workspace\": \"one\", \"policy\": {\"allowedPermissions\": [], \"maxKeys\": 0}}";
    assertThat(root.post("/v1/workspaces", one).status()).isEqualTo(201);
    note(root.post("/v1/workspaces", one), "workspace-exists");
    Client inIt = root.header("Keyledger-Workspace", "one");
    note(
        inIt.post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users"))),
        "permission-not-allowed");
    note(inIt.post("/v1/keys", "{%s}".formatted(Issuer.fields())), "quota-exceeded");
    assertThat(root.post("/v1/workspaces/one/close", "{}").status()).isEqualTo(200);
    note(inIt.post("/v1/keys", "{%s}".formatted(Issuer.fields())), "workspace-closed");
  }

  /** Inserts the events directly into the database, because ten thousand commands take long. */
  private void provokeByAFullHistory(Statement statement) throws SQLException {
    IssuedKey key = keyledger.issuer().issued();
    statement.execute(
        """
        WITH head AS (
          UPDATE log.log_head SET position = position + 9999 RETURNING position - 9999 AS base, time)
        INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
          time, actor_type, request_id, payload, context_hash)
        SELECT base + n, 'key', '%s', n, 'default',
          CASE WHEN n %% 2 = 1 THEN 'KeySuspended' ELSE 'KeyResumed' END, 1,
          head.time, 'root', 'req', convert_to('{}', 'UTF8'), sha256('x')
        FROM head, generate_series(1, 9999) n
        """
            .formatted(key.id()));
    note(keyledger.root().post(key.path() + "/resume", "{}"), "history-full");
    assertThat(keyledger.root().post(key.path() + "/revoke", "{}").status()).isEqualTo(200);
  }

  /** Holds up the list, so that it is behind the answered position. */
  private void provokeByLateness(Connection connection, Statement statement) throws SQLException {
    connection.setAutoCommit(false);
    statement.execute("LOCK TABLE read.audit IN ACCESS EXCLUSIVE MODE");
    String position = keyledger.issuer().issued().answer().header("Keyledger-Position");
    note(
        keyledger
            .root()
            .header("Keyledger-At-Least", position)
            .header("Keyledger-Wait", "PT0.1S")
            .get("/v1/audit"),
        "not-yet-applied");
    connection.rollback();
    connection.setAutoCommit(true);
  }

  /** Holds the head of the log: the first command waits, and its duplicate is refused. */
  private void provokeByABlockedLog(Connection connection, Statement statement) throws Exception {
    String suspend = keyledger.issuer().issued().path() + "/suspend";
    Client twin = keyledger.root().header("Idempotency-Key", "fedcba9876543210");
    connection.setAutoCommit(false);
    statement.execute("SELECT FROM log.log_head FOR UPDATE");
    var first = CompletableFuture.supplyAsync(() -> twin.post(suspend, "{}"));
    await().until(() -> isWaitingForHead(statement));
    note(twin.post(suspend, "{}"), "idempotency-in-flight");
    note(first.get(), "store-unavailable");
    connection.rollback();
    connection.setAutoCommit(true);
    assertThat(twin.post(suspend, "{}").status()).isEqualTo(200);
  }

  private static boolean isWaitingForHead(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'keyledger appender'"
                + " AND wait_event_type = 'Lock'")) {
      row.next();
      return row.getInt(1) == 1;
    }
  }

  /** Stops the writing process of PostgreSQL, so that the outcome cannot be determined. */
  private void provokeByAnAnswerThatIsLost(Statement statement) throws Exception {
    String suspend = keyledger.issuer().issued().path() + "/suspend";
    long backend;
    try (ResultSet row =
        statement.executeQuery(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'keyledger appender'")) {
      row.next();
      backend = row.getLong(1);
    }
    signal("STOP", backend);
    try {
      note(keyledger.root().post(suspend, "{}"), "outcome-unknown");
    } finally {
      signal("CONT", backend);
    }
    await().until(() -> keyledger.root().post(suspend, "{}").status() == 200);
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  /** Lets a competing command always be faster. */
  private void provokeByConflicts(Statement statement) throws SQLException {
    IssuedKey key = keyledger.issuer().issued();
    statement.execute(ALWAYS_TOO_LATE);
    note(keyledger.root().post(key.path() + "/suspend", "{}"), "conflict");
    statement.execute("DROP FUNCTION log.too_late CASCADE");
    assertThat(keyledger.root().post(key.path() + "/suspend", "{}").status()).isEqualTo(200);
  }

  private void note(Answer answer, String code) {
    assertThat(answer.body().path("code").asString()).as(answer.text()).isEqualTo(code);
    provoked.put(code, answer.status());
  }
}
