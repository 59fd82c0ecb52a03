package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Attacks on a node with 512 MB of heap. Checks of good callers succeed meanwhile, and the node is
 * as it was soon after.
 */
@Timeout(240)
class AttacksIT {
  /** Not the source of good callers: it has its own share of what is limited for each source. */
  private static final String ATTACKING = "127.0.0.2";

  private static final int ATTACKERS = 1_000;

  /** More than the container of the main port has threads. */
  private static final int SLOW = 220;

  /** More than the fast port has connections. */
  private static final int IDLE = 8_400;

  private static final int READERS = 30;
  private static final int EVENTS = 1_000;
  private static final int GOOD_CHECKS = 50;
  private static final Duration RECOVERY_MAX = Duration.ofSeconds(5);
  private static final long HEAP_GROWTH_BYTES_MAX = 64L * 1024 * 1024;
  private static final long RESIDENT_GROWTH_BYTES_MAX = 300L * 1024 * 1024;

  private static KeyledgerProcess keyledger;
  private static IssuedKey key;

  private final List<Socket> attackers = new ArrayList<>();
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
    assertGoodChecksSucceed();
    heapBefore = heapBytes();
  }

  @AfterEach
  void everythingIsAsBefore() throws Exception {
    for (Socket attacker : attackers) {
      attacker.close();
    }
    await()
        .atMost(RECOVERY_MAX)
        .until(() -> keyledger.client().get("/actuator/health/readiness").status() == 200);
    assertThat(heapBytes() - heapBefore).isLessThan(HEAP_GROWTH_BYTES_MAX);
    assertThat(keyledger.output()).doesNotContain("OutOfMemoryError", "no longer sound");
    assertThat(keyledger.isAlive()).isTrue();
  }

  @Test
  void unfinishedBodiesOfUnknownCallersAreRefusedBeforeTheyAreHeld() throws IOException {
    byte[] unfinished = unfinished("nobody's");
    for (int i = 0; i < ATTACKERS; i++) {
      attackers.add(sent(Port.FAST, unfinished));
    }
    assertGoodChecksSucceed();
    for (Socket attacker : attackers) {
      assertThat(startOfAnswer(attacker)).isEqualTo("HTTP/1.1 401");
    }
  }

  @ParameterizedTest
  @EnumSource
  void unfinishedBodiesOfOneSourceAreLimited(Port port) throws IOException {
    byte[] unfinished = unfinished(keyledger.rootKey());
    for (int i = 0; i < ATTACKERS; i++) {
      attackers.add(sent(port, unfinished));
    }
    assertGoodChecksSucceed();
    await()
        .until(() -> {
          int refused = 0;
          for (Socket attacker : attackers) {
            refused += attacker.getInputStream().available() > 0 ? 1 : 0;
          }
          return refused > ATTACKERS / 2;
        });
  }

  @Test
  void slowBodiesHoldNoThreadOfTheMainPort() throws IOException {
    List<String> targets =
        List.of(
            "POST /v1/keys",
            "POST /v1/keys/import",
            "POST /v1/verify",
            "POST /v1/leaks",
            "POST /oauth2/introspect",
            "GET /actuator/health/liveness",
            "DELETE /nothing");
    for (int i = 0; i < SLOW; i++) {
      String head = targets.get(i % targets.size()) + " HTTP/1.1\r\nHost: a\r\n";
      String framing =
          i % 2 == 0 ? "Content-Length: 60000" : "Transfer-Encoding: chunked\r\n\r\n9000";
      attackers.add(sent(Port.MAIN, (head + framing + "\r\n\r\nx").getBytes(ISO_8859_1)));
    }
    for (String path : List.of("liveness", "readiness")) {
      assertThat(keyledger.client().get("/actuator/health/" + path).status()).isEqualTo(200);
    }
    assertGoodChecksSucceed();
    assertThat(keyledger.issuer().issued("read:users").secret()).isNotEmpty();
    for (Socket attacker : attackers) {
      assertThat(startOfAnswer(attacker)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void aSlowBodyPassesNoGuard() throws IOException {
    for (String path : List.of("/actuator/prometheus", "/actuator/health/ledger", "/v1/audit")) {
      String head = "GET " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
      Socket slow = sent(Port.MAIN, head.getBytes(ISO_8859_1));
      attackers.add(slow);
      assertThat(keyledger.client().get("/actuator/health").status()).isEqualTo(200);
      slow.getOutputStream().write(new byte[2]);
      assertThat(startOfAnswer(slow)).as(path).isEqualTo("HTTP/1.1 401");
    }
  }

  @Test
  void idleConnectionsDoNotKeepOthersOutOfTheFastPort() throws IOException {
    for (int i = 0; i < IDLE; i++) {
      var socket = new Socket();
      attackers.add(socket);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + (2 + i % 4)), 0));
      socket.connect(address(Port.FAST));
      if (i % 2 == 0) {
        socket.getOutputStream().write('G');
      }
      if (i % 100 == 0) {
        assertThat(keyledger.issuer(Port.FAST).codeOf(key.secret())).isEqualTo("VALID");
      }
    }
    assertGoodChecksSucceed();
  }

  @Test
  void headsThatNeverEndAreRefused() throws IOException {
    for (int i = 0; i < ATTACKERS; i++) {
      attackers.add(sent(Port.FAST, "GET /v1/forward-auth".getBytes(ISO_8859_1)));
    }
    assertGoodChecksSucceed();
    for (Socket attacker : attackers) {
      assertThat(startOfAnswer(attacker)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void clientsThatNeverReadAreNotReadEither() throws Exception {
    ByteBuffer requests = ByteBuffer.allocate(256 * 1024);
    byte[] request = "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);
    while (requests.remaining() >= request.length) {
      requests.put(request);
    }
    requests.flip();
    int outputBefore = keyledger.output().length();
    long residentBefore = residentBytes();
    long sent = 0;
    for (int i = 0; i < 20; i++) {
      SocketChannel client = SocketChannel.open(address(Port.FAST));
      attackers.add(client.socket());
      client.configureBlocking(false);
      for (int stuck = 0; stuck < 3; ) {
        requests.rewind();
        int written = client.write(requests);
        sent += written;
        stuck = written == 0 ? stuck + 1 : 0;
        pause(written == 0);
      }
    }
    assertThat(sent).isPositive();
    assertGoodChecksSucceed();
    assertThat(heapBytes() - heapBefore).isLessThan(HEAP_GROWTH_BYTES_MAX);
    assertThat(residentBytes() - residentBefore).isLessThan(RESIDENT_GROWTH_BYTES_MAX);
    assertThat(keyledger.output().length() - outputBefore).isLessThan(10_000);
  }

  /** Each report waits for a tick, so that those of a source could occupy all places. */
  @Test
  void reportsOfOneSourceLeavePlacesForOthers() throws IOException {
    String body = "{\"secret\":\"never-seen\"}";
    byte[] report =
        ("POST /v1/leaks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(ISO_8859_1);
    for (int i = 0; i < 2 * ATTACKERS; i++) {
      attackers.add(connected(Port.MAIN, "127.0.0.1"));
    }
    var others = new ArrayList<Socket>();
    for (int i = 0; i < attackers.size(); i++) {
      attackers.get(i).getOutputStream().write(report);
      if (i % 100 == 0) {
        Socket other = connected(Port.MAIN, "127.0.0.2");
        other.getOutputStream().write(report);
        others.add(other);
      }
    }
    for (Socket other : others) {
      assertThat(startOfAnswer(other)).isEqualTo("HTTP/1.1 202");
      other.close();
    }
    var answers = new HashSet<String>();
    for (Socket attacker : attackers) {
      answers.add(startOfAnswer(attacker));
    }
    assertThat(answers).containsExactlyInAnyOrder("HTTP/1.1 202", "HTTP/1.1 429");
    assertGoodChecksSucceed();
  }

  @Test
  void aKeyWithThousandsOfEventsIsReadByManyAndHoldsNobodyUp() throws Exception {
    IssuedKey large = keyWithManyEvents();
    String opened = "{\"workspace\": \"quiet\"}";
    assertThat(keyledger.root().post("/v1/workspaces", opened).status()).isEqualTo(201);
    Client quiet = keyledger.root().header("Keyledger-Workspace", "quiet");
    String check = "{\"key\": \"%s\", \"explain\": true}".formatted(large.secret());
    String past =
        "{\"keyId\": \"%s\", \"position\": %d, \"explain\": true}"
            .formatted(large.id(), position(large));
    List<Supplier<Answer>> reads =
        List.of(
            () -> keyledger.root().get(large.path() + "/history?limit=200"),
            () -> keyledger.root().post("/v1/verify", check),
            () -> keyledger.root().post("/v1/verify/at", past));
    var over = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var readers = new ArrayList<Future<Integer>>();
      for (int i = 0; i < READERS; i++) {
        Supplier<Answer> read = reads.get(i % reads.size());
        readers.add(threads.submit(() -> readUntil(over, read)));
      }
      try {
        assertGoodChecksSucceed(GOOD_CHECKS / 5); // the readers leave them little of the processors
        IssuedKey other = new Issuer(quiet).issued("read:users");
        new Issuer(quiet).done(other, "revoke", "{}");
        assertThat(new Issuer(quiet).codeOf(other.secret())).isEqualTo("REVOKED");
        assertThat(quiet.get(large.path()).status()).isEqualTo(404);
      } finally {
        over.set(true);
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  private static IssuedKey keyWithManyEvents() {
    IssuedKey issued = keyledger.issuer().issued("read:users");
    for (int i = 0; i < EVENTS; i++) {
      String body = "{\"metadata\": {\"k\": \"%d%s\"}}".formatted(i, "x".repeat(3_900));
      assertThat(keyledger.root().patch(issued.path(), body).status()).isEqualTo(200);
    }
    return issued;
  }

  /** The position of the last event. */
  private static long position(IssuedKey key) {
    return keyledger.issuer().verified(key.secret()).path("position").asLong();
  }

  /** An explanation that finds no place in time is a documented 503. */
  private static int readUntil(AtomicBoolean over, Supplier<Answer> read) {
    int done = 0;
    while (!over.get()) {
      Answer answer = read.get();
      assertThat(answer.status()).as(answer.text()).isIn(200, 503);
      done++;
    }
    return done;
  }

  private static void pause(boolean really) {
    try {
      Thread.sleep(really ? 50 : 0);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] unfinished(String credential) {
    return ("POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Authorization: Bearer "
            + credential
            + "\r\nContent-Length: 65000\r\n\r\n"
            + "x".repeat(60_000))
        .getBytes(ISO_8859_1);
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

  /** Returns the size of what is reachable. */
  private static long heapBytes() throws Exception {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process collection =
        new ProcessBuilder(jcmd, Long.toString(keyledger.pid()), "GC.run")
            .redirectErrorStream(true)
            .start();
    collection.getInputStream().readAllBytes();
    assertThat(collection.waitFor()).isZero();
    return (long) Metrics.of(keyledger).sum("jvm_memory_used_bytes", "area=\"heap\"");
  }

  /** Returns how much memory the process has, its buffers outside the heap included. */
  private static long residentBytes() throws IOException {
    String resident =
        Files.readAllLines(Path.of("/proc/" + keyledger.pid() + "/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .findAny()
            .orElseThrow();
    return Long.parseLong(resident.replaceAll("[^0-9]", "")) * 1024;
  }

  private static Socket sent(Port port, byte[] request) throws IOException {
    Socket socket = connected(port, ATTACKING);
    try {
      socket.getOutputStream().write(request);
    } catch (IOException refusedEarly) {
      // The answer can be read.
    }
    return socket;
  }

  private static Socket connected(Port port, String from) throws IOException {
    var socket = new Socket();
    socket.setSoTimeout(30_000);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(address(port));
    return socket;
  }

  private static InetSocketAddress address(Port port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), keyledger.uri(port).getPort());
  }

  private static String startOfAnswer(Socket socket) throws IOException {
    byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 401".length());
    return new String(start, ISO_8859_1);
  }
}
