package dev.keyledger.checking.http.fast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.checking.http.Node;
import dev.keyledger.http.arrival.ArrivalLimits;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener whose clients may use little. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT) // it waits most of the time
@ParameterizedClass
@EnumSource
class FastLimitsTest {
  private static final String CRLF = "\r\n";
  private static final int PART_BYTES = 10_000;
  private static final FastLimits LITTLE =
      new FastLimits(
          16,
          8,
          Duration.ofMillis(700),
          new ArrivalLimits(
              3 * PART_BYTES, 2 * PART_BYTES, Duration.ofMillis(2_500), Duration.ofMillis(1_200)));

  /**
   * The limit, which is more than the system buffers for a connection, and far less than the
   * answers.
   */
  private static final int UNREAD_BYTES_MAX = 12 * 1024 * 1024;

  private final Node node = new Node();
  private final FastListener listener;
  private final List<Socket> opened = new ArrayList<>();

  FastLimitsTest(Transport transport) {
    assumeThat(transport.isAvailable()).isTrue();
    listener =
        new FastListener(
            new InetSocketAddress("0.0.0.0", 0),
            node.handler,
            new SimpleMeterRegistry(),
            () -> Node.START,
            null,
            transport,
            LITTLE,
            new UnfinishedBodies(LITTLE.arrival()));
  }

  @BeforeEach
  void start() {
    listener.start();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : opened) {
      socket.close();
    }
    listener.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/verify", "/v1/verify/batch"})
  void anUnknownCallerIsRefusedBeforeItsBodyHasArrived(String path) throws IOException {
    String head = head("POST " + path, "nobody's");

    assertThat(answerTo(head + "Content-Length: 65000\r\n\r\n{")).startsWith("HTTP/1.1 401");
    assertThat(answerTo(head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{"))
        .startsWith("HTTP/1.1 401");
    assertThat(answerTo(head + "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"))
        .startsWith("HTTP/1.1 401");
    assertThat(answerTo(head.replace("POST", "PUT") + "Content-Length: 9\r\n\r\n"))
        .startsWith("HTTP/1.1 405");
  }

  @Test
  void unfinishedBodiesAreLimitedForEachSourceAndForAll() throws IOException {
    Socket first = sent(unfinished());
    Socket second = sent(unfinished());
    assertThat(isSilent(first)).isTrue();
    assertThat(isSilent(second)).isTrue();

    assertThat(answerTo(unfinished())).startsWith("HTTP/1.1 429");
    assertThat(answerTo(check())).startsWith("HTTP/1.1 200");
    Socket other = sent("127.0.0.2", unfinished());
    assertThat(isSilent(other)).isTrue();
    assertThat(received(sent("127.0.0.2", unfinished()))).startsWith("HTTP/1.1 429");
    assertThat(received(sent("127.0.0.2", check()))).startsWith("HTTP/1.1 200");

    first.close();
    other.close();
    await().untilAsserted(() -> assertThat(isSilent(sent(unfinished()))).isTrue());
  }

  @Test
  void longHeadsThatAreUnfinishedAreLimitedLikeBodies() throws IOException {
    String part = "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\nX: ";
    String longPart = part + "x".repeat(PART_BYTES - 100);
    Socket first = sent(longPart);
    Socket second = sent(longPart);
    assertThat(isSilent(second)).isTrue();

    assertThat(answerTo(longPart)).startsWith("HTTP/1.1 429");
    assertThat(answerTo(check())).startsWith("HTTP/1.1 200");
    assertThat(isSilent(sent(part + "x".repeat(8000)))).as("no longer than most").isTrue();
    first.close();
    await().untilAsserted(() -> assertThat(isSilent(sent(longPart))).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"G", "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\n"})
  void aHeadMustArriveInTime(String part) throws IOException {
    assertThat(answerTo(part)).startsWith("HTTP/1.1 408").contains("connection: close");
  }

  /** Sends a head faster than the minimum rate, so that only the deadline of heads can end it. */
  @Test
  void aHeadThatGoesOnHasADeadlineToo() throws Exception {
    Socket steady = sent("GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\nX: ");
    long start = System.nanoTime();
    boolean ended = false;
    while (!ended && System.nanoTime() - start < 2_000_000_000L) {
      steady.getOutputStream().write("x".repeat(100).getBytes(ISO_8859_1));
      Thread.sleep(50);
      ended = steady.getInputStream().available() > 0;
    }
    assertThat(ended).as("refused before the whole request is too late").isTrue();
    assertThat(received(steady)).startsWith("HTTP/1.1 408");
  }

  @Test
  void aWholeRequestMustArriveInTimeAndAtAMinimumRate() throws Exception {
    String head = head("POST /v1/verify", Node.ROOT_KEY) + "Content-Length: 60000\r\n\r\n";
    Socket slow = sent(head);
    Socket steady = sent(head + "x".repeat(PART_BYTES));
    long start = System.nanoTime();
    boolean slowEnded = false;
    while (System.nanoTime() - start < 2_200_000_000L) {
      steady.getOutputStream().write(new byte[100]);
      slowEnded |= slow.getInputStream().available() > 0;
      Thread.sleep(50);
    }
    assertThat(slowEnded).as("refused for its rate").isTrue();
    assertThat(received(slow)).startsWith("HTTP/1.1 408");
    assertThat(received(steady)).startsWith("HTTP/1.1 408");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("time until it is refused; its rate alone allows more")
        .isBetween(Duration.ofMillis(2_400), Duration.ofSeconds(10));
  }

  @Test
  void aClientThatDoesNotReadIsNotReadEither() throws IOException {
    byte[] request = "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);
    try (SocketChannel client = SocketChannel.open()) {
      client.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
      client.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.address().getPort()));
      client.configureBlocking(false);
      long sent = sentUntilStuck(client, request);
      assertThat(sent).isLessThan(UNREAD_BYTES_MAX);

      client.configureBlocking(true);
      client.socket().setSoTimeout(20_000);
      long answers = 0;
      long expected = sent / request.length;
      byte[] part = new byte[64 * 1024];
      while (answers < expected) { // or the read times out
        int bytes = client.socket().getInputStream().read(part);
        assertThat(bytes).isPositive();
        for (int i = 0; i < bytes; i++) {
          answers += part[i] == '{' ? 1 : 0;
        }
      }
    }
  }

  private static long sentUntilStuck(SocketChannel client, byte[] request) throws IOException {
    ByteBuffer many = ByteBuffer.allocate(request.length * 1000);
    while (many.hasRemaining()) {
      many.put(request);
    }
    long sent = 0;
    for (int stuck = 0; stuck < 20 && sent < UNREAD_BYTES_MAX; ) {
      if (!many.hasRemaining() || many.position() == many.limit()) {
        many.rewind();
      }
      int written = client.write(many);
      sent += written;
      stuck = written == 0 ? stuck + 1 : 0;
      if (written == 0) {
        pause();
      }
    }
    return sent;
  }

  @Test
  void aNewConnectionReplacesTheOneOfItsSourceThatWasIdleLongest() throws IOException {
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < LITTLE.connectionsPerSource(); i++) {
      idle.add(served(sent("")));
    }
    var _ = served(idle.getFirst());

    assertThat(answerTo(check())).startsWith("HTTP/1.1 200");
    assertThat(isClosed(idle.get(1))).isTrue();
    assertThat(isClosed(served(idle.getFirst()))).isFalse();
  }

  @Test
  void aFullPortClosesTheConnectionThatWasIdleLongest() throws IOException {
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < LITTLE.connections(); i++) {
      idle.add(served(sent("127.0.0." + (1 + i % 4), "")));
    }

    assertThat(received(sent("127.0.0.9", check()))).startsWith("HTTP/1.1 200");
    assertThat(isClosed(idle.getFirst())).isTrue();
    assertThat(isClosed(served(idle.get(1)))).isFalse();
  }

  /** Makes the connection send one request, and reads the head of the answer. */
  private static Socket served(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("HEAD /v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
    var answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).isNotNegative();
      answer.append((char) next);
    }
    return socket;
  }

  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(500);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void requestsBeforeTheEndOfInputAreAnswered() throws IOException {
    String waiting =
        "GET /v1/forward-auth?atLeast=%s HTTP/1.1\r\nHost: a\r\n\r\n"
            .formatted(node.tokens.issue(0));
    Socket client = sent(waiting.repeat(50));
    client.shutdownOutput();

    assertThat(received(client).split("HTTP/1.1 401", -1)).hasSize(51);
  }

  private static String unfinished() {
    return head("POST /v1/verify", Node.ROOT_KEY)
        + "Content-Length: 60000\r\n\r\n"
        + "x".repeat(PART_BYTES);
  }

  private static String check() {
    return head("POST /v1/verify", Node.ROOT_KEY)
        + "Connection: close\r\nContent-Length: 11\r\n\r\n{\"key\":\"x\"}";
  }

  private static String head(String methodAndTarget, String credential) {
    return methodAndTarget
        + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "
        + credential
        + CRLF;
  }

  /** Returns whether the socket stays silent for a while. */
  private static boolean isSilent(Socket socket) throws IOException {
    for (int i = 0; i < 6; i++) {
      if (socket.getInputStream().available() > 0) {
        return false;
      }
      pause();
    }
    return true;
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String answerTo(String request) throws IOException {
    return received(sent(request));
  }

  private Socket sent(String request) throws IOException {
    return sent("127.0.0.1", request);
  }

  private Socket sent(String from, String request) throws IOException {
    var socket = new Socket();
    opened.add(socket);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.address().getPort()));
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return socket;
  }

  private static String received(Socket socket) throws IOException {
    try (socket) {
      var answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);
      return answer.toString(ISO_8859_1);
    }
  }
}
