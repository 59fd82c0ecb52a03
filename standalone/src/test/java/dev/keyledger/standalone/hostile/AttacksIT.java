package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Attacks on a node with 512 MB of heap. Checks of good callers succeed meanwhile, and the node
 * soon recovers its former state.
 */
@Timeout(240)
class AttacksIT {
  private static final int RESETS = 200;
  private static final String GOOD = "127.0.0.1";
  private static final int GOOD_CHECKS = 50;
  private static final int ANSWER_MILLIS_MAX = 15_000;
  private static final int HISTORY_PAGE_CHARS_MAX = 2 * 1024 * 1024;
  private static final Duration HEALTH_MAX = Duration.ofSeconds(9);
  private static final Duration RECOVERY_MAX = Duration.ofSeconds(5);
  private static final long HEAP_GROWTH_BYTES_MAX = 64L * 1024 * 1024;
  private static final long RESIDENT_GROWTH_BYTES_MAX = 300L * 1024 * 1024;

  private static KeyledgerProcess keyledger;
  private static IssuedKey key;

  private Attacks attacks;
  private long heapBefore;

  @BeforeAll
  static void start() {
    keyledger =
        KeyledgerProcess.start(Application.STANDALONE, Map.of("JAVA_TOOL_OPTIONS", "-Xmx512m"));
    key = keyledger.issuer().issued("read:users");
  }

  @AfterAll
  static void end() {
    keyledger.close();
  }

  @BeforeEach
  void measure() throws Exception {
    attacks = new Attacks(keyledger);
    assertGoodChecksSucceed();
    heapBefore = Footprint.heapBytes(keyledger);
  }

  @AfterEach
  void everythingIsAsBefore() throws Exception {
    attacks.close();
    await()
        .atMost(RECOVERY_MAX)
        .until(() -> keyledger.client().get("/actuator/health/readiness").status() == 200);
    assertThat(Footprint.heapBytes(keyledger) - heapBefore).isLessThan(HEAP_GROWTH_BYTES_MAX);
    assertThat(keyledger.output()).doesNotContain("OutOfMemoryError", "no longer sound");
    assertThat(keyledger.isAlive()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void unfinishedBodiesOfUnknownCallersAreRefusedBeforeTheyAreHeld(Port port) throws IOException {
    attacks.unfinishedBodies(port, "nobody's");
    assertGoodChecksSucceed();
    assertAllAnswered("HTTP/1.1 401");
  }

  @ParameterizedTest
  @EnumSource
  void unfinishedBodiesOfOneSourceAreLimited(Port port) throws IOException {
    attacks.unfinishedBodies(port, keyledger.rootKey());
    assertGoodChecksSucceed();
    await()
        .until(() -> {
          int refused = 0;
          for (Socket attacker : attacks.connections()) {
            refused += attacker.getInputStream().available() > 0 ? 1 : 0;
          }
          return refused > Attacks.ATTACKERS / 2;
        });
    assertALargeBodyInTwoPartsIsTaken(port);
  }

  /** Sends a body from another source, which has its own share. */
  private void assertALargeBodyInTwoPartsIsTaken(Port port) throws IOException {
    String head = new String(headOf("POST /v1/verify", keyledger.rootKey()), ISO_8859_1);
    byte[] request =
        (head.replace("Length: 100", "Length: 65000") + "{\"key\":\"x\"}" + " ".repeat(64_989))
            .getBytes(ISO_8859_1);
    Socket other = attacks.connect(port, GOOD);
    other.getOutputStream().write(request, 0, 60_000);
    assertGoodChecksSucceed();
    assertThat(other.getInputStream().available()).as("bytes of a refusal").isZero();
    other.getOutputStream().write(request, 60_000, request.length - 60_000);
    assertThat(Attacks.startOfAnswer(other)).isEqualTo("HTTP/1.1 200");
  }

  @Test
  void slowBodiesHoldNoThreadOfTheMainPort() throws IOException {
    attacks.slowBodies(
        keyledger
            .issuer()
            .issued("keyledger:verify", "keyledger:keys:issue", "keyledger:keys:import")
            .secret());
    assertHealthAnswers();
    assertGoodChecksSucceed();
    assertThat(keyledger.issuer().issued("read:users").secret()).isNotEmpty();
    assertAllAnswered("HTTP/1.1 408");
  }

  @Test
  void clientsOfTheMainPortThatNeverReadHoldNobodyUp() throws IOException {
    attacks.documentsThatAreNotRead();
    assertHealthAnswers();
    assertGoodChecksSucceed();
    assertThat(keyledger.issuer().issued("read:users").secret()).isNotEmpty();
  }

  private static void assertHealthAnswers() {
    for (String path : List.of("liveness", "readiness")) {
      long start = System.nanoTime();
      assertThat(keyledger.client().get("/actuator/health/" + path).status()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("time of health; after 10 s the container ends slow reads and writes")
          .isLessThan(HEALTH_MAX);
    }
  }

  @Test
  void noBodyIsWaitedForIfTheCallerIsUnknown() throws IOException {
    for (Port port : Port.values()) {
      for (String credential : List.of("", "Authorization: Bearer nobody's\r\n")) {
        for (String framing :
            List.of("Content-Length: 60000\r\n", "Transfer-Encoding: chunked\r\n")) {
          String head =
              "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                  + credential
                  + framing
                  + "\r\n";
          Socket waiting = attacks.send(port, head.getBytes(ISO_8859_1));
          assertThat(Attacks.startOfAnswer(waiting)).isEqualTo("HTTP/1.1 401");
        }
      }
    }
  }

  @Test
  void noBodyIsWaitedForIfTheCallerMayNotSendIt() throws IOException {
    String reader = keyledger.issuer().issued("keyledger:keys:read").secret();
    String own = key.path();
    for (String request :
        List.of(
            "POST /v1/keys",
            "POST " + own + "/renew",
            "PATCH " + own,
            "POST /v1/keys/import",
            "POST /v1/workspaces",
            "DELETE /v1/webhooks/x",
            "POST /v1/verify",
            "POST /v1/verify/at")) {
      assertThat(Attacks.startOfAnswer(attacks.send(Port.MAIN, headOf(request, reader))))
          .as(request)
          .isEqualTo("HTTP/1.1 403");
    }
    assertThat(Attacks.startOfAnswer(attacks.send(Port.FAST, headOf("POST /v1/verify", reader))))
        .isEqualTo("HTTP/1.1 403");
  }

  @Test
  void noBodyIsWaitedForIfNobodyHasAUseForIt() throws IOException {
    Map<String, String> statuses =
        Map.of("POST /v1/nothing", "HTTP/1.1 404", "PUT /v1/keys", "HTTP/1.1 405");
    for (Map.Entry<String, String> refused : statuses.entrySet()) {
      Socket waiting = attacks.send(Port.MAIN, headOf(refused.getKey(), key.secret()));
      assertThat(Attacks.startOfAnswer(waiting)).as(refused.getKey()).isEqualTo(refused.getValue());
    }
    Socket waiting = attacks.send(Port.FAST, headOf("POST /v1/nothing", key.secret()));
    assertThat(Attacks.startOfAnswer(waiting)).isEqualTo("HTTP/1.1 404");
  }

  @Test
  void noBodyIsWaitedForOfAnotherMediaTypeThanTheRequestTakes() throws IOException {
    String json = new String(headOf("POST /oauth2/revoke", key.secret()), ISO_8859_1);
    String form =
        new String(headOf("POST /v1/leaks", key.secret()), ISO_8859_1)
            .replace("application/json", "application/x-www-form-urlencoded");
    for (String head :
        List.of(
            json,
            json.replace("revoke", "introspect"),
            form,
            form.replace("/leaks", "/leaks/github"))) {
      Socket waiting = attacks.send(Port.MAIN, head.getBytes(ISO_8859_1));
      assertThat(Attacks.startOfAnswer(waiting)).as(head).isEqualTo("HTTP/1.1 415");
    }
  }

  @Test
  void noReportIsWaitedForIfItsCredentialIsNotGood() throws IOException {
    for (String path : List.of("/v1/leaks", "/v1/leaks/github")) {
      Socket waiting = attacks.send(Port.MAIN, headOf("POST " + path, "nobody's"));
      assertThat(Attacks.startOfAnswer(waiting)).as(path).isEqualTo("HTTP/1.1 401");
    }
  }

  @Test
  void forwardAuthWaitsForNoBody() throws IOException {
    for (Port port : Port.values()) {
      Socket waiting = attacks.send(port, headOf("PUT /v1/forward-auth", key.secret()));
      assertThat(Attacks.startOfAnswer(waiting)).as(port.name()).isEqualTo("HTTP/1.1 200");
    }
  }

  /** Returns the head of a request whose body does not come. */
  private static byte[] headOf(String request, String credential) {
    return """
    %s HTTP/1.1\r
    Host: a\r
    Authorization: Bearer %s\r
    Content-Type: application/json\r
    Content-Length: 100\r
    \r
    """
        .formatted(request, credential)
        .getBytes(ISO_8859_1);
  }

  @Test
  void aSlowBodyPassesNoGuard() throws IOException {
    for (String path : List.of("/actuator/prometheus", "/actuator/health/ledger", "/v1/audit")) {
      String head = "GET " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
      Socket slow = attacks.send(Port.MAIN, head.getBytes(ISO_8859_1));
      assertThat(keyledger.client().get("/actuator/health").status()).isEqualTo(200);
      slow.getOutputStream().write(new byte[2]);
      assertThat(Attacks.startOfAnswer(slow)).as(path).isEqualTo("HTTP/1.1 401");
    }
  }

  @Test
  void idleConnectionsDoNotKeepOthersOutOfTheFastPort() throws IOException {
    attacks.idleConnections(this::assertANewConnectionIsServed);
    assertGoodChecksSucceed();
  }

  /**
   * Checks a new connection; the clients of {@link KeyledgerProcess} keep theirs, and would not
   * notice a full port.
   */
  private void assertANewConnectionIsServed() {
    try (Socket good = attacks.connect(Port.FAST, GOOD)) {
      good.getOutputStream().write(headOf("GET /v1/forward-auth", key.secret()));
      assertThat(Attacks.startOfAnswer(good)).isEqualTo("HTTP/1.1 200");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void headsThatNeverEndAreRefused() throws IOException {
    attacks.unfinishedHeads(Port.FAST);
    assertGoodChecksSucceed();
    assertAllAnswered("HTTP/1.1 408");
  }

  /** Checks that the container of the main port closes such connections without an answer. */
  @Test
  void headsThatDoNotEndInTimeAreClosedOnTheMainPort() throws IOException {
    attacks.unfinishedHeads(Port.MAIN);
    attacks.dribblingHead();
    assertGoodChecksSucceed();
    for (Socket attacker : attacks.connections()) {
      attacker.setSoTimeout(ANSWER_MILLIS_MAX);
      assertThat(Attacks.isClosed(attacker)).isTrue();
    }
  }

  @Test
  void clientsThatNeverReadAreNotReadEither() throws Exception {
    int outputBefore = keyledger.output().length();
    long residentBefore = Footprint.residentBytes(keyledger);
    assertThat(attacks.requestsWhoseAnswersAreNotRead()).isPositive();
    assertGoodChecksSucceed();
    assertThat(Footprint.heapBytes(keyledger) - heapBefore).isLessThan(HEAP_GROWTH_BYTES_MAX);
    assertThat(Footprint.residentBytes(keyledger) - residentBefore)
        .isLessThan(RESIDENT_GROWTH_BYTES_MAX);
    assertThat(keyledger.output().length() - outputBefore).isLessThan(10_000);
  }

  @Test
  void clientsThatResetTheirConnectionsFillNoLog() throws IOException {
    int outputBefore = keyledger.output().length();
    for (int i = 0; i < RESETS; i++) {
      for (Port port : Port.values()) {
        reset(attacks.connect(port, "127.0.0.2"));
      }
    }
    String unfinished =
        "POST /v1/leaks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n5\r\nab";
    String many = "GET /problems/not-found HTTP/1.1\r\nHost: a\r\n\r\n".repeat(60);
    var answering = new ArrayList<Socket>();
    for (int i = 0; i < RESETS / 10; i++) {
      Socket reporter = attacks.connect(Port.MAIN, "127.0.0.2");
      Attacks.report(reporter);
      answering.add(reporter);
      answering.add(attacks.send(Port.MAIN, unfinished.getBytes(ISO_8859_1)));
      answering.add(attacks.send(Port.MAIN, many.getBytes(ISO_8859_1)));
    }
    for (Socket socket : answering) {
      reset(socket);
    }
    assertGoodChecksSucceed();
    await()
        .during(Duration.ofSeconds(2)) // reports are answered on a tick
        .until(() -> keyledger.output().length() - outputBefore < 10_000);
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Lets each report wait for a tick, so that those of one source could occupy all places. */
  @Test
  void reportsOfOneSourceLeavePlacesForOthers() throws IOException {
    attacks.reporters();
    List<Socket> reporters = List.copyOf(attacks.connections());
    var others = new ArrayList<Socket>();
    for (int i = 0; i < reporters.size(); i++) {
      Attacks.report(reporters.get(i));
      if (i % 100 == 0) {
        Socket other = attacks.connect(Port.MAIN, GOOD);
        Attacks.report(other);
        others.add(other);
      }
    }
    var answersOfOthers = new HashSet<String>();
    for (Socket other : others) {
      answersOfOthers.add(Attacks.startOfAnswer(other));
    }
    assertThat(answersOfOthers)
        .contains("HTTP/1.1 202")
        .as("a slow machine cannot look all of them up in time, but has places for them")
        .isSubsetOf("HTTP/1.1 202", "HTTP/1.1 503");
    var answers = new HashSet<String>();
    for (Socket reporter : reporters) {
      answers.add(Attacks.startOfAnswer(reporter));
    }
    assertThat(answers)
        .contains("HTTP/1.1 202", "HTTP/1.1 429")
        .as("a slow machine cannot look all of them up in time")
        .isSubsetOf("HTTP/1.1 202", "HTTP/1.1 429", "HTTP/1.1 503");
    assertGoodChecksSucceed();
  }

  @Test
  void aKeyWithThousandsOfEventsIsReadByManyAndHoldsNobodyUp() {
    IssuedKey large = Attacks.keyWithManyEvents(keyledger);
    String opened = "{\"workspace\": \"quiet\"}";
    assertThat(keyledger.root().post("/v1/workspaces", opened).status()).isEqualTo(201);
    Client quiet = keyledger.root().header("Keyledger-Workspace", "quiet");
    assertThat(keyledger.root().get(large.path() + "/history?limit=200").text().length())
        .as("characters of one page")
        .isLessThan(HISTORY_PAGE_CHARS_MAX);
    attacks.readersOf(large);
    assertGoodChecksSucceed(GOOD_CHECKS / 5); // the readers leave them little processor time
    IssuedKey other = new Issuer(quiet).issued("read:users");
    new Issuer(quiet).done(other, "revoke", "{}");
    assertThat(new Issuer(quiet).codeOf(other.secret())).isEqualTo("REVOKED");
    assertThat(quiet.get(large.path()).status()).isEqualTo(404);
  }

  private void assertAllAnswered(String start) throws IOException {
    for (Socket attacker : attacks.connections()) {
      attacker.setSoTimeout(ANSWER_MILLIS_MAX);
      assertThat(Attacks.startOfAnswer(attacker)).isEqualTo(start);
    }
  }

  private static void assertGoodChecksSucceed() {
    assertGoodChecksSucceed(GOOD_CHECKS);
  }

  private static void assertGoodChecksSucceed(int checks) {
    for (int i = 0; i < checks; i++) {
      for (Port port : Port.values()) {
        assertThat(keyledger.issuer(port).codeOf(key.secret())).isEqualTo("VALID");
        assertThat(keyledger.client(port).bearer(key.secret()).get("/v1/forward-auth").status())
            .isEqualTo(200);
      }
    }
  }
}
