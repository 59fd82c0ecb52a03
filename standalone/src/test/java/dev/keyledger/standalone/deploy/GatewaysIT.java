package dev.keyledger.standalone.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.standalone.hostile.RawAnswer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The gateways of docs/gateways.md that Debian has, in front of an application that tells what it
 * receives.
 */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class GatewaysIT {
  private static final Path DOCUMENT =
      DeployFiles.directory().resolveSibling("docs/gateways.md").normalize();
  private static final String FORGED =
      """
      X-Key-Id: forged\r
      X-Key-Owner: forged\r
      X-Key-Workspace: forged\r
      X-Key-Environment: forged\r
      X-Key-Permissions: forged\r
      X-Key-Expires-At: forged\r
      X-Key-Renew-Before: forged\r
      X-Key-Rotation: forged\r
      X-Key-Name: forged\r
      X-Key-Metadata: forged\r
      X_Key_Id: forged\r
      X-Key_Id: forged\r
      X_Key-Id: forged\r
      """;

  @TempDir Path directory;
  private HttpServer application;
  private KeyledgerProcess keyledger;
  private IssuedKey key;

  @BeforeEach
  void start(KeyledgerProcess shared) throws IOException {
    keyledger = shared;
    key = shared.issuer().issued("read:users");
    application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.createContext(
        "/",
        exchange -> {
          var received = new TreeMap<String, Object>(String.CASE_INSENSITIVE_ORDER);
          exchange.getRequestHeaders().forEach(received::put);
          received.keySet().removeIf(name -> !name.toLowerCase(Locale.ROOT).matches("x[-_]key.*"));
          byte[] body = received.toString().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    application.start();
  }

  @AfterEach
  void stop() {
    application.stop(0);
  }

  @Test
  void nginx() throws IOException {
    int port = KeyledgerProcess.freePort();
    String settings = settings("nginx", "listen 8000;", "listen 127.0.0.1:%d;".formatted(port));
    try (Gateway nginx =
        Gateway.nginx(directory, port, "events {}\nhttp {\n" + settings + "}\n", 401)) {
      assertGuards(nginx);
      assertThat(sent(nginx, "/_keyledger", "").status()).isEqualTo(404);
      String cookies = ("Cookie: " + "c".repeat(8_000) + "\r\n").repeat(3);
      String credential = "X-API-Key: " + key.secret() + "\r\n";
      assertThat(sent(nginx, "/", cookies + credential).status()).isEqualTo(200);
    }
  }

  @Test
  void caddy() throws IOException {
    int port = KeyledgerProcess.freePort();
    String settings = settings("caddyfile", "example.com {", "http://:%d {".formatted(port));
    try (Gateway caddy = Gateway.caddy(directory, port, "{\n admin off\n}\n" + settings)) {
      assertGuards(caddy);
    }
  }

  @Test
  void haproxy() throws IOException {
    int port = KeyledgerProcess.freePort();
    Path program =
        Files.writeString(
            directory.resolve("keyledger.lua"), settings("lua", "local url", "local url"));
    String settings =
        settings("haproxy", ":8000", "127.0.0.1:" + port)
            .replace("/etc/haproxy/keyledger.lua", program.toString());
    String backend =
        """
        backend app
            mode http
            server app 127.0.0.1:%d
        defaults
            timeout connect 1s
            timeout client 10s
            timeout server 10s
        """
            .formatted(application.getAddress().getPort());
    try (Gateway haproxy = Gateway.haproxy(directory, port, settings + backend)) {
      assertGuards(haproxy);
    }
  }

  private void assertGuards(Gateway gateway) throws IOException {
    String credential = "Authorization: Bearer " + key.secret() + "\r\n";
    RawAnswer passed = sent(gateway, "/orders/1?a=b", credential);
    assertThat(passed.status()).isEqualTo(200);
    assertThat(passed.body())
        .doesNotContain("forged")
        .contains("X-key-id=[" + key.id() + "]", "X-key-owner=[app:billing]")
        .contains("X-key-environment=[live]", "X-key-permissions=[read:users]");

    RawAnswer refused = sent(gateway, "/", "Authorization: Bearer x\r\n");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(sent(gateway, "/", "").status()).isEqualTo(401);
    String other = keyledger.issuer().issued("write:users").secret();
    assertThat(sent(gateway, "/", "X-API-Key: " + other + "\r\n").status()).isEqualTo(403);
  }

  private static RawAnswer sent(Gateway gateway, String target, String headers) throws IOException {
    String head = "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    byte[] request = (head + FORGED + headers + "\r\n").getBytes(UTF_8);
    return RawAnswer.to(gateway.client().uri(), request, false);
  }

  /** Returns the documented settings in a language, with the addresses of this test. */
  private String settings(String language, String listen, String by) throws IOException {
    var block =
        Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(Files.readString(DOCUMENT));
    assertThat(block.find()).isTrue();
    assertThat(block.group(1)).contains(listen);
    return block
        .group(1)
        .replace(listen, by)
        .replace("127.0.0.1:8090", keyledger.uri(Port.FAST).getAuthority())
        .replace("127.0.0.1:3000", "127.0.0.1:" + application.getAddress().getPort());
  }
}
