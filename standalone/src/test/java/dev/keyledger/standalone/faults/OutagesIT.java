package dev.keyledger.standalone.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.TcpProxy;
import dev.keyledger.standalone.process.TcpProxy.Line;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A slow, silent or cut connection to PostgreSQL: commands are refused and leave nothing
 * half-written, checks continue as long as allowed, and everything recovers without intervention.
 */
@Timeout(240)
class OutagesIT {
  private static final Duration MAX_STALENESS = Duration.ofSeconds(6);
  private static final Duration RECOVERED_MAX = Duration.ofSeconds(30);

  /**
   * The number of threads in the container of the query node: more than the exports that tests hold
   * up.
   */
  private static final int THREADS = 7;

  private static final String EXPORT = "/v1/audit/export";

  /**
   * The maximum number of attempts of two nodes, each with a tail, an appender and pools, which
   * pause between attempts.
   */
  private static final int TRIES_IN_TWO_SECONDS_MAX = 100;

  /** A command node and a query node behind a connection that can be disturbed. */
  private record Nodes(KeyledgerProcess command, KeyledgerProcess query) {
    Issuer issuer() {
      return new Issuer(command.root(), query.root());
    }

    Answer issue() {
      return command.root().post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users")));
    }

    Answer check(IssuedKey key, String more) {
      return issuer().verify("{\"key\": \"%s\"%s}".formatted(key.secret(), more));
    }

    void awaitStale(IssuedKey key, String more) {
      Answer answer =
          await().atMost(RECOVERED_MAX).until(() -> check(key, more), a -> a.status() == 503);
      assertThat(answer.body().path("code").asString()).isEqualTo("stale");
    }

    /**
     * Waits until both nodes have recovered without intervention: keys issued on one are valid on
     * the other.
     */
    void awaitAllIsWell() {
      for (KeyledgerProcess node : List.of(command, query)) {
        await().atMost(RECOVERED_MAX).until(() -> readiness(node) == 200);
      }
      Answer issued = await().atMost(RECOVERED_MAX).until(this::issue, a -> a.status() == 201);
      String secret = IssuedKey.of(issued).secret();
      await().atMost(RECOVERED_MAX).until(() -> issuer().codeOf(secret).equals("VALID"));
    }
  }

  private static int readiness(KeyledgerProcess node) {
    return node.client().get("/actuator/health/readiness").status();
  }

  private static @TempDir Path directory;
  private static OwnDatabase database;
  private static TcpProxy lineOfCommands;
  private static TcpProxy lineOfChecks;
  private static Nodes nodes;

  @BeforeAll
  static void start() throws Exception {
    database = OwnDatabase.start(directory);
    lineOfCommands = database.proxy();
    lineOfChecks = database.proxy();
    Map<String, String> ofCommands = database.environment(lineOfCommands);
    ofCommands.put("KEYLEDGER_VERIFICATION_MAX_STALENESS", MAX_STALENESS.toString());
    Map<String, String> ofChecks = database.environment(lineOfChecks);
    ofChecks.put("KEYLEDGER_VERIFICATION_MAX_STALENESS", MAX_STALENESS.toString());
    ofChecks.put("SERVER_TOMCAT_THREADS_MAX", Integer.toString(THREADS));
    ofChecks.put("SERVER_TOMCAT_THREADS_MIN_SPARE", "1");
    nodes =
        new Nodes(
            KeyledgerProcess.start(Application.COMMAND_SIDE, ofCommands),
            KeyledgerProcess.start(Application.QUERY_SIDE, ofChecks));
  }

  @AfterAll
  static void end() throws Exception {
    nodes.query.close();
    nodes.command.close();
    lineOfCommands.close();
    lineOfChecks.close();
    database.close();
  }

  @AfterEach
  void allIsWellAndTheLogIsWhole() {
    become(Line.GOOD);
    nodes.awaitAllIsWell();
    long head = number("SELECT position FROM log.log_head");
    assertThat(number("SELECT count(*) FROM log.event")).isEqualTo(head);
    assertThat(number("SELECT max(position) FROM log.event")).isEqualTo(head);
    assertThat(number("SELECT count(*) FROM log.key_secret"))
        .isEqualTo(
            number("SELECT count(*) FROM log.event WHERE type IN ('KeyIssued', 'KeyImported')"));
  }

  @Test
  void withoutADatabaseCommandsAreRefusedAndChecksGoOnForAWhile() {
    IssuedKey key = nodes.issuer().issued("read:users");
    nodes.awaitAllIsWell();
    become(Line.CUT);
    // The last cached answer, for a while.
    assertThat(nodes.issuer().codeOf(key.secret())).isEqualTo("VALID");
    Answer unexplained = nodes.check(key, ", \"explain\": true");
    assertThat(unexplained.status()).as(unexplained.text()).isEqualTo(503);
    Answer broken = nodes.issue();
    assertThat(broken.status()).as(broken.text()).isEqualTo(503);
    Answer refused =
        await()
            .atMost(RECOVERED_MAX)
            .until(nodes::issue, a -> a.text().contains("\"store-unavailable\""));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isNotEmpty();
    assertThat(nodes.query.root().get(key.path()).status()).isEqualTo(503);

    nodes.awaitStale(key, ", \"maxAge\": \"PT1S\"");
    nodes.awaitStale(key, "");
    assertThat(Metrics.of(nodes.query).sum("keyledger_lag_seconds"))
        .isGreaterThanOrEqualTo((double) MAX_STALENESS.toSeconds());
    assertThat(readiness(nodes.query)).isEqualTo(503);
    await().atMost(RECOVERED_MAX).until(() -> readiness(nodes.command) == 503);
    int refusedBefore = connectionsRefused();
    await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
    assertThat(connectionsRefused() - refusedBefore).isLessThan(TRIES_IN_TWO_SECONDS_MAX);

    become(Line.GOOD);
    nodes.awaitAllIsWell();
    assertThat(nodes.issuer().codeOf(key.secret())).isEqualTo("VALID");
  }

  @Test
  void aSilentLineIsNoticedAndWhatWasUnderWayCanBeAskedFor() {
    IssuedKey key = nodes.issuer().issued("read:users");
    nodes.awaitAllIsWell();
    Client sameCaller = nodes.command.root().header("Idempotency-Key", "a-silent-line-to-postgres");
    String body = "{%s}".formatted(Issuer.fields("read:users"));
    become(Line.SILENT);
    assertThat(sameCaller.post("/v1/keys", body).status()).isEqualTo(503);
    nodes.awaitStale(key, "");

    become(Line.GOOD);
    nodes.awaitAllIsWell();
    Answer first =
        await()
            .atMost(RECOVERED_MAX)
            .until(() -> sameCaller.post("/v1/keys", body), a -> a.status() == 201);
    assertThat(sameCaller.post("/v1/keys", body).text()).isEqualTo(first.text());
  }

  @Test
  void aSlowLineIsWaitedForAndCutConnectionsAreMadeAgain() {
    become(Line.SLOW);
    IssuedKey key = nodes.issuer().issued("read:users");
    nodes.issuer().done(key, "revoke", "{}");
    await()
        .atMost(RECOVERED_MAX)
        .until(() -> nodes.issuer().codeOf(key.secret()).equals("REVOKED"));
    become(Line.GOOD);
    long before = number("SELECT count(*) FROM log.key_secret");
    int done = 0;
    for (int i = 0; i < 10; i++) {
      lineOfCommands.cut();
      lineOfChecks.cut();
      Answer answer = nodes.issue();
      assertThat(answer.status()).as(answer.text()).isIn(201, 503);
      done += answer.status() == 201 ? 1 : 0;
    }
    assertThat(number("SELECT count(*) FROM log.key_secret")).isGreaterThanOrEqualTo(before + done);
  }

  /**
   * Checks that an aborted export looks incomplete to its reader and affects no others: slow
   * readers hold up two exports of their own workspace, and four of the node.
   */
  @Test
  void anExportThatBreaksOffDoesNotLookWhole() {
    String other = EXPORT + "?workspace=" + workspaceOf(nodes.command.root(), "other");
    String third = EXPORT + "?workspace=" + workspaceOf(nodes.command.root(), "third");
    String position = "";
    for (int i = 0; i < 6; i++) {
      importKeys(nodes.command.root(), 800);
      position = importKeys(in(nodes.command.root(), "other"), 800);
    }
    Client current = nodes.query.root().header("Keyledger-At-Least", position);
    int lines = (int) current.get(EXPORT).text().lines().count();
    assertThat(lines).isGreaterThanOrEqualTo(4_800);

    var readers = new ArrayList<SlowReader>();
    readers.add(SlowReader.of(nodes.query, EXPORT));
    readers.add(SlowReader.of(nodes.query, EXPORT));
    assertNoTurn(current.get(EXPORT));
    assertThat(current.get(third).status()).isEqualTo(200);
    readers.add(SlowReader.of(nodes.query, other));
    readers.add(SlowReader.of(nodes.query, other));
    assertNoTurn(current.get(third));
    assertThat(readers.getFirst().rest()).endsWith("\r\n0\r\n\r\n");
    become(Line.CUT);
    for (SlowReader reader : readers.subList(1, 4)) {
      assertThat(reader.rest())
          .isNotEmpty()
          .doesNotEndWith("\r\n0\r\n\r\n")
          .doesNotContain("/problems/");
    }
    become(Line.GOOD);
    await()
        .atMost(RECOVERED_MAX)
        .until(() -> nodes.query.root().get(EXPORT), answer -> answer.status() == 200);
  }

  private static void assertNoTurn(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(429);
    assertThat(answer.header("Retry-After")).isNotEmpty();
  }

  private static String workspaceOf(Client root, String name) {
    Answer opened = root.post("/v1/workspaces", "{\"workspace\": \"%s\"}".formatted(name));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    return name;
  }

  private static Client in(Client root, String workspace) {
    return root.header("Keyledger-Workspace", workspace);
  }

  /** Lets more checks wait for a position than there are threads. */
  @Test
  void checksThatWaitLeaveTheThreadsOfTheContainerToOthers() throws Exception {
    IssuedKey key = nodes.issuer().issued("read:users");
    await().atMost(RECOVERED_MAX).until(() -> nodes.issuer().codeOf(key.secret()).equals("VALID"));
    lineOfChecks.become(Line.SILENT);
    String ahead = nodes.issuer().issued("read:users").answer().header("Keyledger-Position");
    Client waiting =
        nodes.query.root().header("Keyledger-At-Least", ahead).header("Keyledger-Wait", "PT10S");
    var answered = new AtomicInteger();
    List<Thread> waiters =
        IntStream.range(0, 3 * THREADS)
            .mapToObj(_ ->
                Thread.startVirtualThread(() -> {
                  new Issuer(waiting).verify("{\"key\": \"%s\"}".formatted(key.secret()));
                  answered.incrementAndGet();
                }))
            .toList();
    await().pollDelay(Duration.ofSeconds(1)).until(() -> true);

    assertThat(nodes.issuer().codeOf(key.secret())).isEqualTo("VALID");
    assertThat(answered).hasValue(0);
    lineOfChecks.become(Line.GOOD);
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertThat(answered).hasValue(waiters.size());
  }

  private static void become(Line line) {
    lineOfCommands.become(line);
    lineOfChecks.become(line);
  }

  private static int connectionsRefused() {
    return lineOfCommands.refused() + lineOfChecks.refused();
  }

  private static String importKeys(Client root, int keys) {
    String fields =
        "%s, \"metadata\": {\"note\": \"%s\"}"
            .formatted(Issuer.fields("read:users"), "x".repeat(500));
    String all =
        IntStream.range(0, keys)
            .mapToObj(i -> "{%s, \"secretSha256\": \"%s\"}".formatted(fields, random64()))
            .collect(Collectors.joining(","));
    Answer imported = root.post("/v1/keys/import", "{\"keys\": [%s]}".formatted(all));
    assertThat(imported.status()).as(imported.text()).isEqualTo(200);
    return imported.header("Keyledger-Position");
  }

  private static long number(String query) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static String random64() {
    return (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
  }

  /** Reads the beginning of an answer, and the rest on demand. */
  private record SlowReader(Socket socket) {
    static SlowReader of(KeyledgerProcess node, String path) {
      try {
        var socket = new Socket();
        socket.setReceiveBufferSize(4_096); // unread data stays with the server
        socket.connect(new InetSocketAddress(node.uri().getHost(), node.uri().getPort()));
        String request =
            "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                .formatted(path, node.rootKey());
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        String begun = new String(socket.getInputStream().readNBytes(1_000), UTF_8);
        assertThat(begun).startsWith("HTTP/1.1 200");
        return new SlowReader(socket);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Returns the text up to the end of the connection, however it ends. */
    String rest() {
      var rest = new ByteArrayOutputStream();
      try (socket) {
        byte[] part = new byte[65_536];
        for (int n = 0; n >= 0; n = socket.getInputStream().read(part)) {
          rest.write(part, 0, n);
        }
      } catch (IOException _) {
        // reset by the other side
      }
      return rest.toString(UTF_8);
    }
  }
}
