package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Attacks on a node that continue until {@link #close}. Those over sockets come from addresses
 * without good callers, because limits apply to each source. Not thread-safe.
 */
final class Attacks implements AutoCloseable {
  static final int ATTACKERS = 1_000;

  /**
   * The number of slow requests: more than a container has threads by default, even if a fifth is
   * refused at once.
   */
  private static final int SLOW = 320;

  private static final int DOCUMENTS = 40;

  /**
   * The receive buffer, so small that the system takes little of an answer from the node, and the
   * attack is cheap.
   */
  private static final int UNREAD_BYTES = 4_096;

  /**
   * The number of idle connections: more than the fast port allows, without those that begin a head
   * and are refused.
   */
  private static final int IDLE = 9_600;

  private static final int BEGIN_A_HEAD = 8;

  private static final int IDLE_SOURCES = 4;
  private static final String ATTACKING = "127.0.0.2";
  private static final int UNREADING = 20;
  private static final int READERS = 30;
  private static final int EVENTS = 300;
  private static final int PERMISSIONS = 100;
  private static final int FLOODERS = 4;
  private static final Duration DRIBBLE = Duration.ofSeconds(1);
  private static final int SO_TIMEOUT_MILLIS = 30_000;

  private final KeyledgerProcess keyledger;
  private final List<Socket> connections = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<Integer>> repeated = new ArrayList<>();
  private final AtomicBoolean over = new AtomicBoolean();

  Attacks(KeyledgerProcess keyledger) {
    this.keyledger = keyledger;
  }

  /** Returns the connections of this attack, in the order in which they were opened. */
  List<Socket> connections() {
    return connections;
  }

  /** Opens connections with a head and most of a body each. */
  void unfinishedBodies(Port port, String credential) throws IOException {
    byte[] unfinished =
        ("POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer "
                + credential
                + "\r\nContent-Length: 65000\r\n\r\n"
                + "x".repeat(60_000))
            .getBytes(ISO_8859_1);
    for (int i = 0; i < ATTACKERS; i++) {
      send(port, unfinished);
    }
  }

  /** Opens connections to the main port with one byte of a body each, for every kind of path. */
  void slowBodies(String credential) throws IOException {
    List<String> targets =
        List.of(
            "POST /v1/keys",
            "POST /v1/keys/import",
            "POST /v1/verify",
            "POST /v1/leaks",
            "POST /oauth2/introspect");
    for (int i = 0; i < SLOW; i++) {
      String target = targets.get(i % targets.size());
      String type =
          target.contains("oauth2") ? "application/x-www-form-urlencoded" : "application/json";
      String head =
          "%s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nAuthorization: Bearer %s\r\n"
              .formatted(target, type, credential);
      String framing =
          i % 2 == 0 ? "Content-Length: 60000" : "Transfer-Encoding: chunked\r\n\r\n9000";
      send(Port.MAIN, (head + framing + "\r\n\r\nx").getBytes(ISO_8859_1));
    }
  }

  /**
   * Opens connections to the fast port, with one byte or none each.
   *
   * @param meanwhile runs after each hundredth
   */
  void idleConnections(Runnable meanwhile) throws IOException {
    for (int i = 0; i < IDLE; i++) {
      Socket idle = connect(Port.FAST, "127.0.0." + (2 + i % IDLE_SOURCES));
      if (i % BEGIN_A_HEAD == 0) {
        write(idle, "G".getBytes(ISO_8859_1));
      }
      if (i % 100 == 0) {
        meanwhile.run();
      }
    }
  }

  /** Opens connections with the start of a head each. */
  void unfinishedHeads(Port port) throws IOException {
    for (int i = 0; i < ATTACKERS; i++) {
      send(port, "GET /v1/forward-auth".getBytes(ISO_8859_1));
    }
  }

  /** Sends requests until no more are accepted, and reads no answer; returns the bytes sent. */
  long requestsWhoseAnswersAreNotRead() throws Exception {
    ByteBuffer requests = ByteBuffer.allocate(256 * 1024);
    byte[] request = "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);
    while (requests.remaining() >= request.length) {
      requests.put(request);
    }
    requests.flip();
    long sent = 0;
    for (int i = 0; i < UNREADING; i++) {
      SocketChannel client = SocketChannel.open();
      connections.add(client.socket());
      client.bind(new InetSocketAddress(ATTACKING, 0));
      client.connect(address(Port.FAST));
      client.configureBlocking(false);
      for (int stuck = 0; stuck < 3; ) {
        int written = client.write(requests.rewind());
        sent += written;
        stuck = written == 0 ? stuck + 1 : 0;
        Thread.sleep(written == 0 ? 50 : 0);
      }
    }
    return sent;
  }

  /** Requests long answers from the main port on many connections, and reads none. */
  void documentsThatAreNotRead() throws IOException {
    byte[] requests =
        "GET /v3/api-docs HTTP/1.1\r\nHost: a\r\n\r\n".repeat(DOCUMENTS).getBytes(ISO_8859_1);
    for (int i = 0; i < SLOW; i++) {
      var socket = new Socket();
      socket.setReceiveBufferSize(UNREAD_BYTES);
      write(connect(socket, Port.MAIN, ATTACKING), requests);
    }
  }

  /** Opens a connection to the main port and sends a head byte by byte, without end. */
  void dribblingHead() throws IOException {
    Socket dribbling = send(Port.MAIN, "GET /v1/forward-auth".getBytes(ISO_8859_1));
    var _ =
        threads.submit(() -> {
          while (!over.get()) {
            Thread.sleep(DRIBBLE);
            dribbling.getOutputStream().write('x');
          }
          return null;
        });
  }

  /** Opens the connections of a source that is going to {@link #report} on each of them. */
  void reporters() throws IOException {
    for (int i = 0; i < 2 * ATTACKERS; i++) {
      connect(Port.MAIN, ATTACKING);
    }
  }

  /** Sends a report, whose answer is held until a tick. */
  static void report(Socket socket) {
    String body = "{\"secret\":\"never-seen\"}";
    write(
        socket,
        ("POST /v1/leaks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(ISO_8859_1));
  }

  /** Issues a key and exchanges all its permissions again and again: 7 MB of events. */
  static IssuedKey keyWithManyEvents(KeyledgerProcess keyledger) {
    IssuedKey issued = keyledger.issuer().issued("read:users");
    for (int i = 0; i < EVENTS; i++) {
      String pattern = "read:%c%%d%s".formatted(i % 2 == 0 ? 'a' : 'b', "x".repeat(110));
      String[] permissions =
          IntStream.range(0, PERMISSIONS).mapToObj(pattern::formatted).toArray(String[]::new);
      String body = "{\"permissions\": %s}".formatted(Issuer.strings(permissions));
      assertThat(keyledger.root().put(issued.path() + "/permissions", body).status())
          .isEqualTo(200);
    }
    return issued;
  }

  /**
   * Reads the events of a key in every way. A read that finds no place in time is a documented 503.
   */
  void readersOf(IssuedKey large) {
    String check = "{\"key\": \"%s\", \"explain\": true}".formatted(large.secret());
    long position = keyledger.issuer().verified(large.secret()).path("position").asLong();
    String past =
        "{\"keyId\": \"%s\", \"position\": %d, \"explain\": true}".formatted(large.id(), position);
    List<Supplier<Answer>> reads =
        List.of(
            () -> keyledger.root().get(large.path() + "/history?limit=200"),
            () -> keyledger.root().post("/v1/verify", check),
            () -> keyledger.root().post("/v1/verify/at", past));
    for (int i = 0; i < READERS; i++) {
      repeat(reads.get(i % reads.size()), 200, 503);
    }
  }

  /** Presents invalid credentials and invalid keys on both ports. */
  void wrongCredentials() {
    for (int i = 0; i < FLOODERS; i++) {
      Client wrong = keyledger.client(i % 2 == 0 ? Port.MAIN : Port.FAST).bearer("wrong-" + i);
      repeat(() -> wrong.post("/v1/verify", "{\"key\": \"x\"}"), 401, 429);
      repeat(() -> wrong.get("/v1/forward-auth"), 401);
    }
  }

  /** Issues keys with the credential of an operator. */
  void commandsOf(String operator) {
    Client caller = keyledger.client().bearer(operator);
    String body = "{%s}".formatted(Issuer.fields());
    for (int i = 0; i < FLOODERS; i++) {
      repeat(() -> caller.post("/v1/keys", body), 201, 429);
    }
  }

  /** Repeats a request whose answers have one of these statuses. */
  private void repeat(Supplier<Answer> request, Integer... statuses) {
    repeated.add(
        threads.submit(() -> {
          int answered = 0;
          while (!over.get()) {
            Answer answer = request.get();
            assertThat(Set.of(statuses)).as(answer.text()).contains(answer.status());
            answered++;
          }
          return answered;
        }));
  }

  /**
   * Ends the attacks.
   *
   * @throws AssertionError if a repeating attack did not get the expected answers
   */
  @Override
  public void close() throws IOException {
    over.set(true);
    for (Socket connection : connections) {
      connection.close();
    }
    threads.close();
    for (Future<Integer> one : repeated) {
      try {
        assertThat(one.get()).isPositive();
      } catch (ExecutionException failed) {
        throw new AssertionError("an attack was answered otherwise", failed.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  /** Returns a connection from the attacking address, on which a request has been sent. */
  Socket send(Port port, byte[] request) throws IOException {
    Socket socket = connect(port, ATTACKING);
    try {
      socket.getOutputStream().write(request);
    } catch (IOException refusedEarly) {
      // The answer can be read.
    }
    return socket;
  }

  /** Returns a connection from an address. */
  Socket connect(Port port, String from) throws IOException {
    return connect(new Socket(), port, from);
  }

  private Socket connect(Socket socket, Port port, String from) throws IOException {
    connections.add(socket);
    socket.setSoTimeout(SO_TIMEOUT_MILLIS);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(address(port));
    return socket;
  }

  /** Waits until the node has closed a connection without an answer; returns whether it has. */
  static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  private InetSocketAddress address(Port port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), keyledger.uri(port).getPort());
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String startOfAnswer(Socket socket) throws IOException {
    byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 401".length());
    return new String(start, ISO_8859_1);
  }
}
