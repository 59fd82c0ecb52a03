package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Envoy;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * TLS on all ports from PEM files, and a separate management port, as described in
 * docs/operations.md.
 */
@Timeout(240)
class TlsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private static Path directory;
  private static TestCertificate certificate;
  private static int managementPort;
  private static KeyledgerProcess keyledger;

  @BeforeAll
  static void start() throws Exception {
    certificate = TestCertificate.make();
    certificate.write(directory.resolve("chain.pem"), directory.resolve("key.pem"));
    managementPort = freePort();
    keyledger =
        KeyledgerProcess.launch(
            Application.STANDALONE,
            Map.of(
                "SERVER_SSL_BUNDLE",
                "web",
                "SPRING_SSL_BUNDLE_PEM_WEB_KEYSTORE_CERTIFICATE",
                directory + "/chain.pem",
                "SPRING_SSL_BUNDLE_PEM_WEB_KEYSTORE_PRIVATEKEY",
                directory + "/key.pem",
                "SPRING_SSL_BUNDLE_PEM_WEB_RELOADONUPDATE",
                "true",
                "SPRING_SSL_BUNDLE_WATCH_FILE_QUIETPERIOD",
                "500ms",
                "MANAGEMENT_SERVER_SSL_ENABLED",
                "false",
                "MANAGEMENT_SERVER_PORT",
                Integer.toString(managementPort),
                KeyledgerProcess.EXT_AUTHZ_PORT,
                Integer.toString(KeyledgerProcess.freePort())));
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> management().get("/actuator/health/readiness").status() == 200);
  }

  @AfterAll
  static void end() {
    keyledger.close();
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void aCheckIsAnsweredOverTls(Port port) throws Exception {
    HttpResponse<String> answer = verified(port, "x");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("NOT_FOUND");
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    assertThat(keyledger.output()).contains("ready at https://127.0.0.1:");
  }

  @Test
  void envoyIsAnsweredOverTls() throws Exception {
    var channel =
        NettyChannelBuilder.forAddress("127.0.0.1", keyledger.extAuthzPort())
            .sslContext(
                GrpcSslContexts.forClient()
                    .trustManager((X509Certificate) certificate.certificate())
                    .build())
            .build();
    try (var envoy = new Envoy(channel)) {
      assertThat(envoy.ask(Envoy.request(Map.of(), Map.of())).status()).isEqualTo(401);
    }
    assertThat(keyledger.output()).contains("External authorization on ");
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void aBodyThatIsRefusedBeforeItWasReadIsAnsweredToo(Port port) throws Exception {
    assertThat(verified(port, "x".repeat(300_000)).statusCode()).isEqualTo(413);
  }

  /**
   * Checks the filter on the management port: without it, the container would answer at once, and
   * wait.
   */
  @Test
  void aBodyThatDoesNotArriveOnTheManagementPortIsRefused() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), managementPort)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write(
              "GET /actuator/health HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\nx"
                  .getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(12), US_ASCII))
          .isEqualTo("HTTP/1.1 408");
    }
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void plainHttpIsRefusedAndBreaksNothing(Port port) throws Exception {
    for (String request : new String[] {"GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n", "\0"}) {
      try (var socket =
          new Socket(InetAddress.getLoopbackAddress(), keyledger.uri(port).getPort())) {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        socket.shutdownOutput();
        String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
        assertThat(answer).doesNotContain("HTTP/1.1 2", "Exception", "Tomcat");
      }
    }
    assertThat(verified(port, "x").statusCode()).isEqualTo(200);
    assertThat(keyledger.output()).doesNotContain("A connection of the fast listener failed");
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void aClientCannotRenegotiate(Port port) throws Exception {
    try (SSLSocket client = tls12(port)) {
      client.startHandshake();
      assertThat(statusOf(client)).isEqualTo("HTTP/1.1 401");
      assertThatThrownBy(
              () -> {
                client.startHandshake();
                statusOf(client);
              })
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void aSuiteWithoutAuthenticatedEncryptionIsRefused(Port port) throws Exception {
    try (SSLSocket client = tls12(port)) {
      client.setEnabledCipherSuites(
          Stream.of(client.getSupportedCipherSuites())
              .filter(suite -> suite.matches("TLS_ECDHE_.*_CBC_.*"))
              .toArray(String[]::new));
      assertThatThrownBy(client::startHandshake).isInstanceOf(IOException.class);
    }
    try (SSLSocket client = tls12(port)) {
      client.startHandshake();
      assertThat(client.getSession().getCipherSuite()).matches(".*_(GCM|POLY1305)_.*");
    }
  }

  private static SSLSocket tls12(Port port) throws Exception {
    var client =
        (SSLSocket)
            certificate
                .trust()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), keyledger.uri(port).getPort());
    client.setSoTimeout((int) PATIENCE.toMillis());
    client.setEnabledProtocols(new String[] {"TLSv1.2"});
    return client;
  }

  /** Sends a request without a credential, and returns the beginning of the answer. */
  private static String statusOf(SSLSocket client) throws IOException {
    client
        .getOutputStream()
        .write("HEAD /v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = client.getInputStream().read();
      if (next < 0) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    return head.substring(0, "HTTP/1.1 401".length());
  }

  @Test
  void aCertificateThatWasRenewedIsServedWithoutARestart() throws Exception {
    TestCertificate renewed = TestCertificate.make();
    renewed.write(directory.resolve("chain.pem"), directory.resolve("key.pem"));
    certificate = renewed;

    for (Port port : Port.values()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> served(port).equals(renewed.certificate()));
    }
  }

  @Test
  void managementHasAPortOfItsOwnOnLoopbackWhichAsksForNoCredential() throws Exception {
    assertThat(management().get("/actuator/prometheus").text()).contains("keyledger_lag_events");
    assertThatThrownBy(() -> new Socket(InetAddress.ofLiteral("127.0.0.2"), managementPort).close())
        .isInstanceOf(ConnectException.class);
    for (String path : new String[] {"/actuator/health", "/actuator/prometheus"}) {
      assertThat(send(HttpRequest.newBuilder(uri(Port.MAIN, path))).statusCode()).isIn(401, 404);
    }
  }

  private static Client management() {
    return new Client(URI.create("http://127.0.0.1:" + managementPort));
  }

  private static HttpResponse<String> verified(Port port, String key) throws Exception {
    return send(
        HttpRequest.newBuilder(uri(port, "/v1/verify"))
            .header("Authorization", "Bearer " + keyledger.rootKey())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"key\":\"" + key + "\"}")));
  }

  private static Certificate served(Port port) throws Exception {
    return send(HttpRequest.newBuilder(uri(port, "/v1/forward-auth")))
        .sslSession()
        .orElseThrow()
        .getPeerCertificates()[0];
  }

  /** Sends a request on a new connection, with a client that prefers HTTP/2. */
  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    try (HttpClient http =
        HttpClient.newBuilder().sslContext(certificate.trust()).connectTimeout(PATIENCE).build()) {
      return http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    }
  }

  private static URI uri(Port port, String path) {
    return URI.create("https://127.0.0.1:" + keyledger.uri(port).getPort() + path);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
