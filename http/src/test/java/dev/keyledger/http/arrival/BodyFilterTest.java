package dev.keyledger.http.arrival;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestHead;
import dev.keyledger.http.ServletAnswer;
import dev.keyledger.http.ServletApiRequest;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.coyote.AbstractProtocol;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;

/**
 * The filter in a container with two threads, before a servlet that returns the length of a body.
 */
@Timeout(60)
class BodyFilterTest {
  private static final int THREADS = 2;
  private static final int SLOW = 20;
  private static final String CRLF = "\r\n";
  private static final String NEXT = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private static final ArrivalLimits LITTLE_TIME =
      new ArrivalLimits(1 << 20, 1 << 20, Duration.ofMillis(2_500), Duration.ofMillis(1_200));

  /** Two unfinished requests of a source, and three in all; each counts 16 KiB and its bytes. */
  private static final ArrivalLimits LITTLE_SPACE =
      new ArrivalLimits(60_000, 40_000, Duration.ofSeconds(30), Duration.ofSeconds(30));

  private HeadCheck heads = _ -> HeadCheck.Judgement.NEEDS_BODY;
  private final List<Socket> opened = new ArrayList<>();
  private @Nullable BodyFilter filter;
  private @Nullable WebServer container;

  private void start(ArrivalLimits limits) {
    filter = new BodyFilter(new UnfinishedBodies(limits), heads);
    var factory = new TomcatServletWebServerFactory(0);
    factory.setAddress(InetAddress.getLoopbackAddress());
    factory.addEngineValves(new BodyValve());
    factory.addConnectorCustomizers(BodyValve::deferContinue);
    factory.addConnectorCustomizers(connector -> {
      var protocol = (AbstractProtocol<?>) connector.getProtocolHandler();
      protocol.setMinSpareThreads(THREADS);
      protocol.setMaxThreads(THREADS);
    });
    container =
        factory.getWebServer(
            new ArrivalConfiguration().bodyFilterRegistration(filter),
            new ServletRegistrationBean<>(new Length(), "/"));
    container.start();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : opened) {
      socket.close();
    }
    if (container != null && filter != null) {
      container.stop();
      filter.close();
    }
  }

  /** Reads the bodies of POST requests. */
  private static final class Length extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      try {
        int max = BodyLength.max(request.getServletPath());
        boolean reads = request.getMethod().equals("POST");
        String length =
            reads ? "length " + new ServletApiRequest(request).body(max).length : "unread";
        response.getOutputStream().write(length.getBytes(ISO_8859_1));
      } catch (ProblemException problem) {
        ServletAnswer.send(Problem.answer(problem, "req"), response);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST /v1/keys", "POST /v1/keys/import", "GET /health", "DELETE /x;y=z"})
  void slowBodiesKeepNoThreadFromOthers(String target) throws IOException {
    start(ArrivalLimits.DEFAULT);
    var slow = new ArrayList<Socket>();
    for (int i = 0; i < SLOW; i++) {
      boolean chunked = i % 2 == 0;
      String framing =
          chunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\n" : "Content-Length: 9\r\n\r\n";
      slow.add(sent(head(target) + framing + "1234"));
    }
    assertThat(received(sent(NEXT))).startsWith("HTTP/1.1 200");
    for (int i = 0; i < SLOW; i++) {
      boolean chunked = i % 2 == 0;
      send(slow.get(i), (chunked ? "5\r\n4\r\n6789\r\n0\r\n\r\n" : "56789") + NEXT);
      String answers = received(slow.get(i));
      assertThat(answers).startsWith("HTTP/1.1 200").endsWith("unread");
      assertThat(answers).contains(target.startsWith("POST") ? "length 9" : "unread");
      assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(3);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 9\r\n\r\n1234",
        "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n9\r\n1234"
      })
  void theBodyOfARefusedHeadIsNotWaitedFor(String unfinished) throws IOException {
    heads =
        head ->
            head.getRequestURI().equals("/refused")
                ? new HeadCheck.Judgement(RequestHead.tooSlow())
                : HeadCheck.Judgement.NEEDS_BODY;
    start(ArrivalLimits.DEFAULT);
    assertThat(received(sent(head("POST /refused") + unfinished))).startsWith("HTTP/1.1 408");
    assertThat(received(sent(head("POST /") + "Content-Length: 4\r\n\r\n1234" + NEXT)))
        .contains("length 4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 9\r\n\r\n1234",
        "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n9\r\n1234"
      })
  void aBodyWithoutUseIsNotWaitedFor(String unfinished) throws IOException {
    heads = _ -> null;
    start(ArrivalLimits.DEFAULT);
    assertThat(received(sent(head("DELETE /nothing") + unfinished)))
        .startsWith("HTTP/1.1 200")
        .contains("Connection: close")
        .endsWith("unread");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
  void aClientThatWaitsWithItsBodyGetsOneContinue(String framing) throws IOException {
    start(ArrivalLimits.DEFAULT);
    Socket waiting = sent(head("POST /") + framing + "\r\nExpect: 100-continue\r\n\r\n");
    String interim = "HTTP/1.1 100 \r\n\r\n";
    assertThat(new String(waiting.getInputStream().readNBytes(interim.length()), ISO_8859_1))
        .isEqualTo(interim);

    String body = framing.endsWith("chunked") ? "5\r\n12345\r\n0\r\n\r\n" : "12345";
    waiting.getOutputStream().write((body + NEXT).getBytes(ISO_8859_1));
    assertThat(received(waiting)).startsWith("HTTP/1.1 200").contains("length 5");
  }

  /** Checks bodies of any length in requests of forward-auth, whose checks do not use them. */
  @Test
  void forwardAuthIsAnsweredByItsHeadWhateverTheLengthOfTheBody() throws IOException {
    heads = _ -> new HeadCheck.Judgement(RequestHead.tooSlow());
    start(ArrivalLimits.DEFAULT);
    String request = head("PUT /v1/forward-auth") + "Content-Length: 70000\r\n\r\n";
    assertThat(received(sent(request))).startsWith("HTTP/1.1 408");
  }

  @Test
  void aBodyThatHasArrivedGoesOnAtOnce() throws IOException {
    start(ArrivalLimits.DEFAULT);
    assertThat(received(sent(head("POST /") + "Content-Length: 5\r\n\r\n12345" + NEXT)))
        .contains("length 5")
        .endsWith("unread");
    assertThat(received(sent(head("POST /") + "Content-Length: 0\r\n\r\n" + NEXT)))
        .contains("length 0")
        .endsWith("unread");
  }

  @Test
  void theLongestBodyIsTakenAndOneByteMoreIsNot() throws IOException {
    start(ArrivalLimits.DEFAULT);
    for (String path : List.of("/v1/keys", "/v1/keys/import")) {
      int max = BodyLength.max(path);
      String longest = "x".repeat(max);
      String closing = head("POST " + path) + "Connection: close\r\n";
      assertThat(received(sent(closing + "Content-Length: " + max + "\r\n\r\n" + longest)))
          .contains("length " + max);
      assertThat(received(sent(closing + chunked(longest)))).contains("length " + max);
      assertThat(
              received(sent(closing + "Content-Length: " + (max + 1) + "\r\n\r\n" + longest + "x")))
          .startsWith("HTTP/1.1 413");
      assertThat(received(sent(closing + chunked(longest + "x")))).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void aClientMayEndItsOutputBeforeItIsAnswered() throws IOException {
    start(ArrivalLimits.DEFAULT);
    String closing = head("POST /") + "Connection: close\r\n";
    String tooLong = "x".repeat(BodyLength.BYTES_MAX + 1);
    assertThat(answerToEnded(closing + "Content-Length: 5\r\n\r\n12345")).contains("length 5");
    assertThat(answerToEnded(closing + chunked("12345"))).contains("length 5");
    assertThat(answerToEnded(closing + "Content-Length: 65537\r\n\r\n" + tooLong))
        .startsWith("HTTP/1.1 413");
    assertThat(answerToEnded(closing + chunked(tooLong))).startsWith("HTTP/1.1 413");
  }

  private String answerToEnded(String request) throws IOException {
    Socket socket = sent(request);
    socket.shutdownOutput();
    return received(socket);
  }

  /**
   * Checks that the connection is closed early; a container that waits for the rest would close it
   * much later.
   */
  @ParameterizedTest
  @ValueSource(strings = {"POST /", "GET /health"})
  void aBodyThatIsTooLongIsNotWaitedFor(String target) throws IOException {
    start(ArrivalLimits.DEFAULT);
    for (String rest :
        List.of(
            "Content-Length: 70000\r\n\r\nx",
            "Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + "x".repeat(66_000))) {
      long start = System.nanoTime();
      String answer = received(sent(head(target) + rest));
      assertThat(answer).contains(target.startsWith("POST") ? "HTTP/1.1 413" : "HTTP/1.1 200");
      assertThat(answer).contains("Connection: close");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 70000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n20000\r\n"})
  void bodiesThatAreTooLongKeepNoThreadFromOthers(String framing) throws IOException {
    start(ArrivalLimits.DEFAULT);
    var tooLong = new ArrayList<Socket>();
    for (int i = 0; i < SLOW; i++) {
      tooLong.add(sent(head("POST /") + framing + "x".repeat(66_000)));
    }
    for (Socket socket : tooLong) {
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }
    long start = System.nanoTime();
    assertThat(received(sent(NEXT))).startsWith("HTTP/1.1 200");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  /** Sends the next request with the end of the first one, but in a separate packet. */
  @Test
  void theNextRequestDoesNotOvertakeAChunkedOne() throws Exception {
    start(ArrivalLimits.DEFAULT);
    for (int i = 0; i < SLOW; i++) {
      Socket socket = sent(head("POST /") + "Transfer-Encoding: chunked\r\n\r\n5\r\n1234");
      Thread.sleep(20);
      send(socket, "5\r\n0\r\n\r\n");
      send(socket, NEXT);
      assertThat(received(socket)).containsSubsequence("length 5", "unread");
    }
  }

  @Test
  void aBodyThatIsBrokenOffIsRefused() throws IOException {
    start(ArrivalLimits.DEFAULT);
    Socket ended = sent(head("POST /") + "Content-Length: 50\r\n\r\nhalf");
    ended.shutdownOutput();
    assertThat(received(ended)).startsWith("HTTP/1.1 400").contains("broke off");
  }

  @Test
  void aRequestMustArriveInTimeAndAtAMinimumRate() throws Exception {
    start(LITTLE_TIME);
    String head = head("POST /") + "Content-Length: 60000\r\n\r\n";
    Socket slow = sent(head);
    Socket steady = sent(head + "x".repeat(10_000));
    long start = System.nanoTime();
    boolean slowEnded = false;
    while (System.nanoTime() - start < 2_200_000_000L) {
      send(steady, "x".repeat(100));
      slowEnded |= slow.getInputStream().available() > 0;
      Thread.sleep(50);
    }
    assertThat(slowEnded).as("refused for its rate").isTrue();
    assertThat(received(slow)).startsWith("HTTP/1.1 408").contains("Connection: close");
    assertThat(steady.getInputStream().available()).isZero();
    assertThat(received(steady)).startsWith("HTTP/1.1 408");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("time until it is refused; its rate alone allows more")
        .isBetween(Duration.ofMillis(2_400), Duration.ofSeconds(10));
  }

  @Test
  void unfinishedBodiesAreLimitedForEachSourceAndForAll() throws IOException {
    start(LITTLE_SPACE);
    String unfinished = head("POST /") + "Content-Length: 60000\r\n\r\n" + "x".repeat(2_000);
    Socket first = sent(unfinished);
    Socket second = sent(unfinished);
    assertThat(isSilent(first) && isSilent(second)).isTrue();
    assertThat(received(sent(unfinished))).startsWith("HTTP/1.1 429").contains("Retry-After: 1");
    assertThat(received(sent(NEXT))).startsWith("HTTP/1.1 200");

    assertThat(isSilent(sent("127.0.0.2", unfinished))).isTrue();
    assertThat(received(sent("127.0.0.3", unfinished))).startsWith("HTTP/1.1 429");
    send(first, "x".repeat(10_000));
    assertThat(received(first)).startsWith("HTTP/1.1 429");
    assertThat(isSilent(sent(head("POST /") + "Content-Length: 9\r\n\r\n"))).isTrue();
  }

  private static String chunked(String body) {
    return "Transfer-Encoding: chunked\r\n\r\n"
        + Integer.toHexString(body.length())
        + CRLF
        + body
        + "\r\n0\r\n\r\n";
  }

  private static String head(String methodAndTarget) {
    return methodAndTarget + " HTTP/1.1\r\nHost: a\r\n";
  }

  /** Returns whether the socket stays silent for a while. */
  private static boolean isSilent(Socket socket) throws IOException {
    for (int i = 0; i < 4; i++) {
      if (socket.getInputStream().available() > 0) {
        return false;
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return true;
  }

  private Socket sent(String bytes) throws IOException {
    return sent("127.0.0.1", bytes);
  }

  private Socket sent(String from, String bytes) throws IOException {
    assertThat(container).isNotNull();
    var socket = new Socket();
    opened.add(socket);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), container.getPort()));
    send(socket, bytes);
    return socket;
  }

  private static void send(Socket socket, String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
  }

  private static String received(Socket socket) throws IOException {
    try (socket) {
      var answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);
      return answer.toString(ISO_8859_1);
    }
  }
}
