package dev.keyledger.delivery.webhook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.delivery.Attempt;
import dev.keyledger.delivery.Attempt.Outcome;
import dev.keyledger.delivery.Attempt.Result;
import dev.keyledger.events.WebhookKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests to receivers of all kinds, on real sockets. */
@Timeout(60)
class WebhookSenderTest {
  private static final ReachableNetworks LOCAL = new ReachableNetworks(List.of("127.0.0.0/8"));
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final byte[] BODY = "{\"specversion\":\"1.0\"}".getBytes(ISO_8859_1);

  /** Answers each connection with bytes, and records its input. */
  private static final class Server implements AutoCloseable {
    private final ServerSocket socket;
    final List<String> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();

    interface Answering {
      void answer(OutputStream out) throws IOException;
    }

    Server(Answering answering) throws IOException {
      socket = new ServerSocket();
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      Thread.ofVirtual().start(() -> serve(answering));
    }

    private void serve(Answering answering) {
      while (!socket.isClosed()) {
        try {
          Socket connection = socket.accept();
          connections.incrementAndGet();
          Thread.ofVirtual().start(() -> serve(connection, answering));
        } catch (IOException closed) {
          return;
        }
      }
    }

    private void serve(Socket connection, Answering answering) {
      try (connection) {
        InputStream in = connection.getInputStream();
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
          int next = in.read();
          if (next < 0) {
            return;
          }
          head.append((char) next);
        }
        byte[] body = in.readNBytes(BODY.length);
        requests.add(head + new String(body, ISO_8859_1));
        answering.answer(connection.getOutputStream());
      } catch (IOException gone) {
        // The sender has seen enough.
      }
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/hook?a=b";
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static Server answering(String response) throws IOException {
    return new Server(out -> out.write(response.getBytes(ISO_8859_1)));
  }

  private static Outcome sent(String url) {
    try (var sender = new WebhookSender(LOCAL, 4, InstantSource.fixed(NOW))) {
      return sender.send(attempt(url));
    }
  }

  private static Attempt attempt(String url) {
    byte[] secret = SigningSecret.generate(new SecureRandom()).toBytes();
    return new Attempt("dlv_1", WebhookKind.HTTP, url, List.of(secret), BODY);
  }

  @Test
  void theRequestIsASignedCloudEvent() throws Exception {
    try (var server = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
      Outcome outcome = sent(server.url());

      assertThat(outcome.result()).isEqualTo(Result.ACCEPTED);
      assertThat(outcome.status()).isEqualTo(200);
      assertThat(outcome.body()).isEqualTo("ok");
      String request = server.requests.getFirst();
      assertThat(request)
          .startsWith("POST /hook?a=b HTTP/1.1\r\n")
          .containsIgnoringCase("webhook-id: dlv_1\r\n")
          .containsIgnoringCase("webhook-timestamp: " + NOW.getEpochSecond() + "\r\n")
          .containsIgnoringCase("webhook-signature: v1,")
          .containsIgnoringCase("content-type: application/cloudevents+json")
          .endsWith("\r\n\r\n" + new String(BODY, ISO_8859_1))
          .doesNotContainIgnoringCase("cookie")
          .doesNotContainIgnoringCase("accept-encoding");
    }
  }

  @Test
  void aRedirectIsAFailureAndIsNotFollowed() throws Exception {
    try (var elsewhere = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
      for (int status : List.of(301, 302, 303, 307, 308)) {
        try (var server =
            answering(
                "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                    .formatted(status, elsewhere.url()))) {
          Outcome outcome = sent(server.url());
          assertThat(outcome.result()).isEqualTo(Result.FAILED);
          assertThat(outcome.status()).isEqualTo(status);
        }
      }
      assertThat(elsewhere.connections).hasValue(0);
    }
  }

  @Test
  void goneAndOtherRefusalsAreReported() throws Exception {
    try (var gone = answering("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n");
        var busy = answering("HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
        var dated =
            answering(
                "HTTP/1.1 429 Busy\r\nContent-Length: 0\r\nRetry-After: %s\r\n\r\n"
                    .formatted("Mon, 01 Jun 2026 00:01:00 GMT"));
        var endless =
            answering(
                "HTTP/1.1 503 Busy\r\nRetry-After: 9999999999\r\nContent-Length: 0\r\n\r\n")) {
      assertThat(sent(gone.url()).result()).isEqualTo(Result.GONE);
      assertThat(sent(busy.url()).retryAfter()).isEqualTo(Duration.ofMinutes(2));
      assertThat(sent(dated.url()).retryAfter()).isEqualTo(Duration.ofMinutes(1));
      assertThat(sent(endless.url()).retryAfter()).isGreaterThan(Duration.ofDays(1));
    }
  }

  @Test
  void ofAnEndlessBodyOnlyTheBeginningIsRead() throws Exception {
    try (var server =
        new Server(out -> {
          out.write("HTTP/1.1 500 No\r\n\r\n".getBytes(ISO_8859_1));
          byte[] more = "x".repeat(10_000).getBytes(ISO_8859_1);
          while (true) { // until the sender has gone
            out.write(more);
          }
        })) {
      Outcome outcome = sent(server.url());

      assertThat(outcome.status()).isEqualTo(500);
      assertThat(outcome.body()).hasSize(WebhookSender.BODY_BYTES_MAX);
    }
  }

  @Test
  void aBodyWhoseEndIsAnnouncedIsNotReadToItEither() throws Exception {
    var written = new AtomicLong();
    byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(ISO_8859_1);
    try (var endless =
            new Server(out -> {
              out.write(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(ISO_8859_1));
              while (true) {
                out.write(chunk);
                written.addAndGet(chunk.length);
              }
            });
        var slow =
            new Server(out -> {
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".getBytes(ISO_8859_1));
              out.write(new byte[WebhookSender.BODY_BYTES_MAX]);
              new CompletableFuture<Void>().join(); // never
            })) {
      for (Server server : List.of(endless, slow)) {
        Outcome outcome = sent(server.url());
        assertThat(outcome.result()).isEqualTo(Result.ACCEPTED);
        assertThat(outcome.body()).hasSize(WebhookSender.BODY_BYTES_MAX);
      }
      assertThat(written).hasValueLessThan(64L * 1024 * 1024); // the size of the buffers
    }
  }

  @Test
  void dataAfterAResponseDoesNotAnswerTheNextAttempt() throws Exception {
    try (var server =
            answering(
                "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
                    .concat("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"));
        var sender = new WebhookSender(LOCAL, 4, InstantSource.fixed(NOW))) {
      for (int attempt = 1; attempt <= 2; attempt++) {
        assertThat(sender.send(attempt(server.url())).status()).isEqualTo(500);
        assertThat(server.requests).hasSize(attempt);
      }
      assertThat(server.connections).hasValue(2);
    }
  }

  @Test
  void aCompressedBodyIsNotUnpacked() throws Exception {
    try (var server =
        answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")) {
      assertThat(sent(server.url()).body()).isEqualTo("abcd");
    }
  }

  @Test
  void anEndlessHeadIsNoResponse() throws Exception {
    try (var line =
            new Server(out -> {
              out.write("HTTP/1.1 200 OK\r\nX: ".getBytes(ISO_8859_1));
              while (true) {
                out.write(new byte[] {'x'});
              }
            });
        var lines =
            new Server(out -> {
              out.write("HTTP/1.1 200 OK\r\n".getBytes(ISO_8859_1));
              while (true) {
                out.write("X: y\r\n".getBytes(ISO_8859_1));
              }
            })) {
      assertThat(sent(line.url())).isEqualTo(Outcome.NO_RESPONSE);
      assertThat(sent(lines.url())).isEqualTo(Outcome.NO_RESPONSE);
    }
  }

  @Test
  void aReceiverThatHangsIsCutOffWhenTheAttemptIsCancelled() throws Exception {
    var reached = new CompletableFuture<Void>();
    try (var server =
            new Server(out -> {
              reached.complete(null);
              new CompletableFuture<Void>().join(); // never
            });
        var sender = new WebhookSender(LOCAL, 4, InstantSource.fixed(NOW))) {
      Attempt attempt = attempt(server.url());
      var outcome = CompletableFuture.supplyAsync(() -> sender.send(attempt));
      reached.get(10, TimeUnit.SECONDS);
      attempt.cancel();

      assertThat(outcome.get(5, TimeUnit.SECONDS)).isEqualTo(Outcome.NO_RESPONSE);
    }
  }

  @Test
  void nothingIsConnectedToAForbiddenAddress() throws Exception {
    try (var server = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var sender =
            new WebhookSender(new ReachableNetworks(List.of()), 4, InstantSource.fixed(NOW))) {
      String port = server.url().replaceFirst(".*:(\\d+)/.*", "$1");
      for (String host :
          List.of("127.0.0.1", "127.1", "2130706433", "localhost", "[::1]", "[::ffff:127.0.0.1]")) {
        for (String scheme : List.of("http://", "https://")) {
          assertThat(sender.send(attempt(scheme + host + ":" + port + "/")))
              .as(host)
              .isEqualTo(Outcome.NO_RESPONSE);
        }
      }
      assertThat(server.connections).hasValue(0);
    }
  }

  @Test
  void aNameThatChangesItsAddressBetweenLookUpAndConnectLeadsNowhereElse() throws Exception {
    var asked = new AtomicInteger();
    DnsResolver rebinding =
        new DnsResolver() {
          @Override
          public InetAddress[] resolve(String host) {
            // Once permitted, then not.
            String address = asked.getAndIncrement() == 0 ? "127.0.0.1" : "127.0.0.2";
            return new InetAddress[] {InetAddress.ofLiteral(address)};
          }

          @Override
          public String resolveCanonicalHostname(String host) {
            return host;
          }
        };
    var one = new ReachableNetworks(List.of("127.0.0.1"));
    try (var server =
            answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        var sender = new WebhookSender(one, rebinding, 4, InstantSource.fixed(NOW))) {
      String url = server.url().replace("127.0.0.1", "rebinding.example.com");

      assertThat(sender.send(attempt(url)).result()).isEqualTo(Result.ACCEPTED);
      assertThat(asked).as("look-ups of one attempt").hasValue(1);
      assertThat(sender.send(attempt(url))).isEqualTo(Outcome.NO_RESPONSE);
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void noProxyOfTheSystemIsUsed() throws Exception {
    try (var proxy = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var server = answering("HTTP/1.1 204 No Content\r\n\r\n")) {
      System.setProperty("http.proxyHost", "127.0.0.1");
      System.setProperty("http.proxyPort", proxy.url().replaceFirst(".*:(\\d+)/.*", "$1"));
      System.setProperty("http.nonProxyHosts", "");
      try {
        assertThat(sent(server.url()).status()).isEqualTo(204);
      } finally {
        List.of("http.proxyHost", "http.proxyPort", "http.nonProxyHosts")
            .forEach(System::clearProperty);
      }
      assertThat(proxy.connections).hasValue(0);
    }
  }
}
