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
import java.net.URI;
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

/** The nginx of docs/gateways.md, in front of an application that tells what it receives. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class GatewaysIT {
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
      """;

  @TempDir Path directory;
  private HttpServer application;
  private Nginx nginx;
  private IssuedKey key;

  @BeforeEach
  void start(KeyledgerProcess keyledger) throws IOException {
    key = keyledger.issuer().issued("read:users");
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
    int port = KeyledgerProcess.freePort();
    String settings =
        documented()
            .replace("listen 8000;", "listen 127.0.0.1:" + port + ";")
            .replace("127.0.0.1:8090", keyledger.uri(Port.FAST).getAuthority())
            .replace("127.0.0.1:3000", "127.0.0.1:" + application.getAddress().getPort());
    nginx = Nginx.start(directory, port, "events {}\nhttp {\n" + settings + "}\n", 401);
  }

  @AfterEach
  void stop() {
    nginx.close();
    application.stop(0);
  }

  @Test
  void onlyWhatKeyledgerSaysReachesTheApplication() throws IOException {
    RawAnswer passed = sent("/orders/1?a=b", "Authorization: Bearer " + key.secret() + "\r\n");

    assertThat(passed.status()).isEqualTo(200);
    assertThat(passed.body())
        .doesNotContain("forged")
        .contains("X-key-id=[" + key.id() + "]", "X-key-owner=[app:billing]")
        .contains("X-key-environment=[live]", "X-key-permissions=[read:users]");
  }

  @Test
  void nobodyElsePasses() throws IOException {
    RawAnswer refused = sent("/", "Authorization: Bearer x\r\n");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(sent("/", "").status()).isEqualTo(401);
    assertThat(sent("/_keyledger", "").status()).isEqualTo(404);
  }

  @Test
  void largeCookiesPass() throws IOException {
    String cookies = ("Cookie: " + "c".repeat(8_000) + "\r\n").repeat(3);

    assertThat(sent("/", cookies + "X-API-Key: " + key.secret() + "\r\n").status()).isEqualTo(200);
  }

  private RawAnswer sent(String target, String headers) throws IOException {
    String head = "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    URI uri = nginx.client().uri();
    return RawAnswer.to(uri, (head + FORGED + headers + "\r\n").getBytes(UTF_8), false);
  }

  /** The settings of nginx in the document. */
  private static String documented() throws IOException {
    String document = Files.readString(DeployFiles.directory().resolveSibling("docs/gateways.md"));
    var block = Pattern.compile("(?s)```nginx\n(.*?)```").matcher(document);
    assertThat(block.find()).isTrue();
    return block.group(1);
  }
}
