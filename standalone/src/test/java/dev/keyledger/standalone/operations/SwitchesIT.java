package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Traces, structured logs, a second root key and a trusted proxy: one node has them enabled,
 * another one has none. Both log much, because in everyday use hardly any request is logged.
 */
@Timeout(180)
class SwitchesIT {
  private static final String OLD = "the-old-root-key-of-the-tests-0123456789";
  private static final String NEW = "the-new-root-key-of-the-tests-0123456789";

  /**
   * The observations of a node that has ended.
   *
   * @param newKey the status of a request with the new root key; 404 if it is accepted
   * @param oldKey the same with the old one
   * @param issued a key that it issued for a client behind a proxy
   * @param ip the client's address in the log
   * @param output its whole output
   * @param spans the spans that it exported
   */
  private record Seen(
      int newKey, int oldKey, IssuedKey issued, String ip, String output, List<String> spans) {
    String requestId() {
      return issued.answer().header("Keyledger-Request-Id");
    }

    boolean hasSpan(String name) {
      return spans.stream().anyMatch(sent -> sent.contains(name));
    }
  }

  private static HttpServer collector;
  private static Seen plain;
  private static Seen switched;

  @BeforeAll
  static void run(@TempDir Path directory) throws Exception {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.start();
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      plain = seen(database, Map.of("KEYLEDGER_ROOT_KEY", NEW));
      switched =
          seen(
              database,
              Map.of(
                  "KEYLEDGER_ROOT_KEY", NEW + ", " + OLD,
                  "KEYLEDGER_TRUSTED_PROXIES", "127.0.0.1/32, 203.0.113.0/24",
                  "LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs",
                  "MANAGEMENT_TRACING_EXPORT_ENABLED", "true"));
    }
  }

  @AfterAll
  static void stop() {
    collector.stop(0);
  }

  private static Seen seen(OwnDatabase database, Map<String, String> switches) throws SQLException {
    var spans = new CopyOnWriteArrayList<String>();
    Map<String, String> environment = database.environment();
    environment.put("LOGGING_LEVEL_DEV_KEYLEDGER", "TRACE");
    environment.put("LOGGING_LEVEL_ORG_SPRINGFRAMEWORK_WEB_SERVLET", "DEBUG");
    environment.put("MANAGEMENT_TRACING_SAMPLING_PROBABILITY", "1");
    environment.put("MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_OTLP_ENDPOINT", collectorOf(spans));
    environment.putAll(switches);
    try (var node = KeyledgerProcess.start(Application.COMMAND_SIDE, environment)) {
      IssuedKey issued =
          new Issuer(
                  node.client()
                      .bearer(NEW)
                      .header("X-Forwarded-For", "192.0.2.1, 198.51.100.9:51234, 203.0.113.7"))
              .issued("read:users");
      int newKey = status(node.client().bearer(NEW));
      int oldKey = status(node.client().bearer(OLD));
      node.terminate(); // which sends the rest
      return new Seen(newKey, oldKey, issued, ipOf(issued, database), node.output(), spans);
    }
  }

  private static String ipOf(IssuedKey issued, OwnDatabase database) throws SQLException {
    try (var connection = database.connect();
        var query =
            connection.prepareStatement(
                "SELECT convert_from(context, 'UTF8')::json ->> 'ip' FROM log.event WHERE stream_id = ?")) {
      query.setString(1, issued.id());
      try (var row = query.executeQuery()) {
        assertThat(row.next()).isTrue();
        return row.getString(1);
      }
    }
  }

  /** Adds a receiver of traces; returns its address. */
  private static String collectorOf(List<String> spans) {
    String path = "/traces-of-" + System.identityHashCode(spans);
    collector.createContext(
        path,
        exchange -> {
          spans.add(new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    return "http://127.0.0.1:" + collector.getAddress().getPort() + path;
  }

  private static int status(Client client) {
    Answer answer = client.post("/v1/keys/key_01k0000000000000000000000x/revoke", "{}");
    return answer.status();
  }

  @Test
  void bothRootKeysAreAcceptedWhereBothAreNamedAndElseTheOldOneIsRefused() {
    assertThat(switched.newKey).isEqualTo(404);
    assertThat(switched.oldKey).isEqualTo(404);
    assertThat(plain.newKey).isEqualTo(404);
    assertThat(plain.oldKey).isEqualTo(401);
    assertThat(switched.output + plain.output).doesNotContain(OLD).doesNotContain(NEW);
  }

  @Test
  void onlyATrustedProxyNamesItsClient() {
    assertThat(switched.ip).isEqualTo("198.51.100.9");
    assertThat(plain.ip).isEqualTo("127.0.0.1");
  }

  @Test
  void linesArePlainAndNameTheirRequest() {
    assertThat(plain.output.lines()).anyMatch(line -> line.contains("[" + plain.requestId() + "]"));
  }

  @Test
  void structuredLinesAreJsonAndNameTheirRequest() {
    List<JsonNode> lines = switched.output.lines().map(JsonMapper.shared()::readTree).toList();
    assertThat(lines).isNotEmpty().allMatch(line -> line.at("/ecs/version").isString());
    assertThat(lines).allMatch(line -> line.path("message").isString());
    assertThat(lines)
        .anyMatch(line ->
            line.path("requestId").asString("").equals(switched.requestId())
                && line.at("/service/name").asString("").equals("keyledger-command"));
  }

  @Test
  void tracesAreOffUntilSwitchedOn() {
    assertThat(plain.spans).isEmpty();
  }

  @Test
  void switchedOnTheyNameRequestsAndCommandsAndNoSecret() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> switched.hasSpan("post /v1/keys") && switched.hasSpan("command IssueKey"));
    assertThat(switched.spans).noneMatch(sent -> sent.contains(switched.issued.secret()));
    assertThat(switched.spans).noneMatch(sent -> sent.contains(NEW));
  }
}
