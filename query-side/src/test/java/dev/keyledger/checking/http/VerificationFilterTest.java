package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.http.arrival.ArrivalConfiguration;
import dev.keyledger.http.arrival.ArrivalLimits;
import dev.keyledger.http.arrival.BodyFilter;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

/** The filter of the main port in a container with two threads. */
@Timeout(60)
class VerificationFilterTest {
  private static final int THREADS = 2;
  private static final int SLOW = 20;
  private static final Duration SILENCE_MAX = Duration.ofSeconds(1);
  private static final String CRLF = "\r\n";

  private final Node node = new Node();
  private final Node.Issued key = node.issue(USUAL);
  private final String ahead = node.tokens.issue(node.index.position() + 1);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RequestTimers timers = new RequestTimers(meters);
  private final BodyFilter bodies =
      new BodyFilter(
          new UnfinishedBodies(ArrivalLimits.DEFAULT), new ChecksByHead(node.handler, timers));
  private WebServer container;

  @BeforeEach
  void start() {
    var factory = new TomcatServletWebServerFactory(0);
    factory.setAddress(InetAddress.getLoopbackAddress());
    factory.setRegisterDefaultServlet(true);
    factory.addConnectorCustomizers(connector -> {
      var protocol = (AbstractProtocol<?>) connector.getProtocolHandler();
      protocol.setMinSpareThreads(THREADS);
      protocol.setMaxThreads(THREADS);
      protocol.setConnectionTimeout((int) SILENCE_MAX.toMillis());
    });
    container =
        factory.getWebServer(
            new ArrivalConfiguration().bodyFilterRegistration(bodies),
            new CheckingConfiguration().verificationFilter(node.handler, timers));
    container.start();
  }

  @AfterEach
  void stop() {
    container.stop();
    bodies.close();
  }

  @Test
  void slowBodiesKeepNoThreadFromOthers() throws IOException {
    String request = verify("{\"key\":\"" + key.secret() + "\"}");
    var slow = new ArrayList<Socket>();
    for (int i = 0; i < SLOW; i++) {
      slow.add(sent(request.substring(0, request.length() - 10)));
    }
    assertThat(received(sent(forwardAuth("")))).startsWith("HTTP/1.1 200");
    for (Socket connection : slow) {
      send(connection, request.substring(request.length() - 10));
    }
    for (Socket connection : slow) {
      assertThat(received(connection)).startsWith("HTTP/1.1 200").contains("\"VALID\"");
    }
  }

  @Test
  void checksThatWaitKeepNoThreadFromOthers() throws IOException {
    var arrived = new AtomicInteger();
    var applied = new CountDownLatch(1);
    node.whileWaiting =
        () -> {
          arrived.incrementAndGet();
          awaitUninterruptibly(applied);
        };
    var waiting = new ArrayList<Socket>();
    for (int i = 0; i < SLOW; i++) {
      waiting.add(sent(i % 2 == 0 ? forwardAuth("?atLeast=" + ahead) : verify("{}", atLeast())));
    }
    await().until(() -> arrived.get() == SLOW);
    assertThat(received(sent(forwardAuth("")))).startsWith("HTTP/1.1 200");
    applied.countDown();
    for (Socket connection : waiting) {
      assertThat(received(connection)).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  void aBodyInPiecesIsPutTogether() throws IOException {
    String request = verify("{\"key\":\"" + key.secret() + "\"}");
    try (Socket connection = sent("")) {
      for (int i = 0; i < request.length(); i += 50) {
        send(connection, request.substring(i, Math.min(request.length(), i + 50)));
      }
      assertThat(received(connection)).startsWith("HTTP/1.1 200").contains("\"VALID\"");
    }
  }

  @Test
  void aCheckIsRecordedOnceWhetherItsBodyHadArrivedOrNot() throws IOException {
    String complete = verify("{\"key\":\"" + key.secret() + "\"}");
    String unfinished =
        head("POST /v1/verify") + "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    assertThat(received(sent(complete))).startsWith("HTTP/1.1 200");
    assertThat(received(sent(unfinished))).startsWith("HTTP/1.1 401");

    for (String status : List.of("200", "401")) {
      assertThat(
              meters
                  .get("http.server.requests")
                  .tags("uri", "/v1/verify", "method", "POST", "status", status)
                  .timer()
                  .count())
          .as(status)
          .isEqualTo(1);
    }
  }

  /** Checks a request that a container which waits for the rest would refuse as incomplete. */
  @ParameterizedTest
  @ValueSource(strings = {"/v1/verify", "/v1/forward-auth"})
  void aBodyThatIsTooLongIsNotWaitedFor(String path) throws IOException {
    String credential =
        path.endsWith("verify")
            ? "Authorization: Bearer " + Node.ROOT_KEY
            : "X-API-Key: " + key.secret();
    String head = head("POST " + path) + credential + CRLF;
    for (String rest :
        List.of(
            "Content-Length: 70000\r\n\r\nx",
            "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + "x".repeat(66_000))) {
      String answer = received(sent(head.replace("Connection: close\r\n", "") + rest));
      assertThat(answer).startsWith(path.endsWith("verify") ? "HTTP/1.1 413" : "HTTP/1.1 200");
      assertThat(answer).containsOnlyOnce("HTTP/1.1").contains("Connection: close");
    }
  }

  @Test
  void aBodyThatIsBrokenOffIsRefused() throws IOException {
    String whole = verify("{\"key\":\"" + key.secret() + "\"}");
    String half = whole.substring(0, whole.length() - 10);
    Socket ended = sent(half);
    ended.shutdownOutput();
    assertThat(received(ended)).startsWith("HTTP/1.1 400").contains("broke off");

    assertThat(received(sent(half))).startsWith("HTTP/1.1 400").contains("broke off");
  }

  @Test
  void anErrorLetsNobodyIn() throws IOException {
    node.whileWaiting =
        () -> {
          throw new AssertionError("of this test");
        };
    node.whileDeciding = node.whileWaiting;
    String check = "{\"key\":\"" + key.secret() + "\"}";
    String slow = verify(check);
    int most = slow.length() - 10;

    assertThat(received(sent(forwardAuth("?atLeast=" + ahead)))).startsWith("HTTP/1.1 500");
    assertThat(received(sent(verify(check, atLeast())))).startsWith("HTTP/1.1 500");
    assertThat(received(sent(forwardAuth("")))).startsWith("HTTP/1.1 500");
    assertThat(received(sent(verify(check)))).startsWith("HTTP/1.1 500");
    try (Socket connection = sent(slow.substring(0, most))) {
      assertThat(received(sent(forwardAuth("")))).startsWith("HTTP/1.1 500");
      send(connection, slow.substring(most));
      assertThat(received(connection)).doesNotContain("HTTP/1.1 2");
    }
  }

  @Test
  void anotherSpellingOfAPathIsAnotherPath() throws IOException {
    for (String path : List.of("/v1/forward%2dauth", "/v1/forward-auth;a=b", "/v1//forward-auth")) {
      assertThat(received(sent(forwardAuth("").replace("/v1/forward-auth", path))))
          .as(path)
          .startsWith("HTTP/1.1 404");
    }
  }

  private String forwardAuth(String query) {
    return head("GET /v1/forward-auth" + query) + "X-API-Key: " + key.secret() + CRLF + CRLF;
  }

  private String atLeast() {
    return "Keyledger-At-Least: " + ahead + CRLF;
  }

  private static String verify(String body, String... headers) {
    return head("POST /v1/verify")
        + "Authorization: Bearer "
        + Node.ROOT_KEY
        + CRLF
        + "Content-Type: application/json\r\n"
        + String.join("", headers)
        + "Content-Length: "
        + body.length()
        + CRLF
        + CRLF
        + body;
  }

  private static String head(String methodAndTarget) {
    return methodAndTarget + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  }

  private Socket sent(String bytes) throws IOException {
    var connection = new Socket(InetAddress.getLoopbackAddress(), container.getPort());
    connection.setSoTimeout(20_000);
    connection.setTcpNoDelay(true);
    send(connection, bytes);
    return connection;
  }

  private static void send(Socket connection, String bytes) throws IOException {
    connection.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    connection.getOutputStream().flush();
  }

  private static String received(Socket connection) throws IOException {
    try (connection) {
      var answer = new ByteArrayOutputStream();
      connection.getInputStream().transferTo(answer);
      return answer.toString(ISO_8859_1);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
