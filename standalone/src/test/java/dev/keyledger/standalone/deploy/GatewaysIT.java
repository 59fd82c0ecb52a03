package dev.keyledger.standalone.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.standalone.hostile.RawAnswer;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Envoy;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The settings in {@code deploy/gateways}: in Debian's gateways, in front of an application that
 * returns what it receives; for others, the requests that they send.
 */
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
      X-Key_Id: forged\r
      X_Key-Id: forged\r
      """;

  private static final String ORIGIN = "https://app.example.com";
  private static final Duration RELOAD_MAX = Duration.ofMinutes(1);
  private static final int ASKED_AFTER_RELOAD = 50;

  /** The status of a connection that was closed without an answer. */
  private static final int CLOSED = 0;

  private static final Duration BETWEEN_REQUESTS = Duration.ofMillis(40);
  private static final String PREFLIGHT = "Access-Control-Request-Method: GET\r\nOrigin: ";

  enum Product {
    NGINX,
    CADDY,
    HAPROXY,
    APACHE
  }

  /**
   * The settings of a gateway.
   *
   * @param keyledger the address that it asks
   * @param caching whether it caches answers
   */
  private record Settings(String keyledger, String permission, boolean caching) {}

  @TempDir Path directory;
  private HttpServer application;
  private KeyledgerProcess keyledger;
  private IssuedKey key;
  private int port;
  private int adminPort;

  @BeforeEach
  void start(KeyledgerProcess shared) throws IOException {
    // Gateways that root starts read their files as another user.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    keyledger = shared;
    key = shared.issuer().issued("read:users");
    port = KeyledgerProcess.freePort();
    adminPort = KeyledgerProcess.freePort();
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

  @ParameterizedTest
  @EnumSource
  void theGatewayGuardsTheApplication(Product product) throws Exception {
    String authority = keyledger.uri(Port.FAST).getAuthority();
    var asking = new Settings(authority, "read:users", false);
    try (Gateway gateway = Gateway.start(directory, port, 401, write(product, asking))) {
      assertGuards(gateway);
      assertBrowsersAreAnswered(gateway);

      reload(product, gateway, new Settings(authority, "write:users", false), 200, 403);
      String nobody = "127.0.0.1:" + KeyledgerProcess.freePort();
      reload(product, gateway, new Settings(nobody, "read:users", false), 403, 503);
      assertThat(sent(gateway, "GET /", credential()).headers().firstValue("Retry-After"))
          .hasValue("1");
      if (product != Product.CADDY) {
        reload(product, gateway, new Settings(authority, "read:users", true), 503, 200);
        keyledger.issuer().done(key, "revoke", "{}");
        // A process that nginx is replacing may still answer with 503.
        int status =
            await().until(() -> sent(gateway, "GET /", credential()).status(), is -> is != 503);
        assertThat(status).isEqualTo(200);
        await().until(() -> sent(gateway, "GET /", credential()).status() == 401);
      }
    }
  }

  private void assertGuards(Gateway gateway) throws IOException {
    RawAnswer passed = sent(gateway, "GET /orders/1?a=b", credential());
    assertThat(passed.status()).isEqualTo(200);
    assertThat(passed.body())
        .doesNotContain("forged")
        .contains("X-key-id=[" + key.id() + "]", "X-key-owner=[app:billing]")
        .contains("X-key-environment=[live]", "X-key-permissions=[read:users]");
    String token = "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\n";
    assertThat(sent(gateway, "GET /", token + "X-API-Key: " + key.secret() + "\r\n").status())
        .isEqualTo(200);

    RawAnswer refused = sent(gateway, "GET /", "Authorization: Bearer x\r\n");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.headers().allValues("WWW-Authenticate")).containsExactly("Bearer");
    assertThat(sent(gateway, "GET /", "").status()).isEqualTo(401);
    assertThat(sent(gateway, "GET /_keyledger", "").status()).isIn(401, 404);
    IssuedKey other = keyledger.issuer().issued("write:users");
    RawAnswer lacking = sent(gateway, "GET /", "X-API-Key: " + other.secret() + "\r\n");
    assertThat(lacking.status()).isEqualTo(403);
    assertThat(lacking.headers().firstValue("WWW-Authenticate").orElse("")).contains("read:users");
    keyledger.issuer().done(other, "revoke", "{}");
    await()
        .until(
            () -> sent(gateway, "GET /", "X-API-Key: " + other.secret() + "\r\n").status() == 401);
    String cookies = "Cookie: " + "c".repeat(8_000) + "\r\n";
    assertThat(sent(gateway, "GET /", cookies + credential()).status()).isEqualTo(200);
  }

  private static void assertBrowsersAreAnswered(Gateway gateway) throws IOException {
    RawAnswer allowed = sent(gateway, "OPTIONS /", PREFLIGHT + ORIGIN + "\r\n");
    assertThat(allowed.status()).isEqualTo(204);
    assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin")).hasValue(ORIGIN);
    assertThat(allowed.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
        .contains("X-API-Key");
    RawAnswer other = sent(gateway, "OPTIONS /", PREFLIGHT + "https://example.org\r\n");
    assertThat(other.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(sent(gateway, "OPTIONS /", "").status()).isEqualTo(401);
    assertThat(
            sent(gateway, "GET /", "Origin: " + ORIGIN + "\r\n")
                .headers()
                .firstValue("Access-Control-Allow-Origin"))
        .hasValue(ORIGIN);
  }

  /** Changes the settings; requests meanwhile are answered by the old ones or by the new ones. */
  private void reload(Product product, Gateway gateway, Settings settings, int before, int after)
      throws Exception {
    List<String> start = write(product, settings);
    List<String> command =
        switch (product) {
          case NGINX -> List.of("kill", "-HUP", gateway.pid());
          case HAPROXY -> List.of("kill", "-USR2", gateway.pid());
          case APACHE -> List.of("kill", "-USR1", gateway.pid());
          case CADDY ->
              Stream.concat(
                      Stream.of("caddy", "reload", "--address", "127.0.0.1:" + adminPort),
                      start.stream().skip(2))
                  .toList();
        };
    Gateway.run(command);
    await()
        .atMost(RELOAD_MAX)
        .until(() -> {
          int status = statusAfterReload(gateway, before, after);
          if (status == before && product == Product.HAPROXY) {
            Gateway.run(command); // a request that arrives during its restart is lost
          }
          return status == after;
        });
  }

  private int statusAfterReload(Gateway gateway, int before, int after) throws IOException {
    int status = before;
    for (int asked = 0; asked < ASKED_AFTER_RELOAD && status == before; asked++) {
      int answered = sent(gateway, "GET /", credential()).status();
      if (answered != CLOSED) { // the request had not arrived when the old process ended
        status = answered;
      }
      assertThat(status).isIn(before, after);
      LockSupport.parkNanos(BETWEEN_REQUESTS.toNanos());
    }
    return status;
  }

  private String credential() {
    return "Authorization: Bearer " + key.secret() + "\r\n";
  }

  private static RawAnswer sent(Gateway gateway, String target, String headers) throws IOException {
    return raw(gateway.uri(), target, "Host: a\r\nConnection: close\r\n" + FORGED + headers);
  }

  private static RawAnswer raw(URI port, String target, String headers) throws IOException {
    byte[] request = "%s HTTP/1.1\r\n%s\r\n".formatted(target, headers).getBytes(UTF_8);
    return RawAnswer.to(port, request, false);
  }

  /** Writes the files of a gateway; returns the command that starts it. */
  private List<String> write(Product product, Settings settings) throws IOException {
    return switch (product) {
      case NGINX -> {
        String text = text("nginx.conf", settings, "listen 8000;", "listen %d;".formatted(port));
        if (settings.caching) {
          text =
              text.replaceAll("# (proxy_(?:cache|ignore))", "$1")
                  .replace("/dev/shm/keyledger", directory.resolve("cache").toString())
                  .replace("200 5s", "200 2s");
        }
        yield Gateway.nginx(written("nginx.conf", "events {}\nhttp {\n" + text + "}\n"));
      }
      case CADDY -> {
        String text = text("Caddyfile", settings, "example.com {", "http://:%d {".formatted(port));
        String admin = "{\n admin 127.0.0.1:%d\n}\n".formatted(adminPort);
        String file = written("Caddyfile", admin + text).toString();
        yield List.of("caddy", "run", "--adapter", "caddyfile", "--config", file);
      }
      case HAPROXY -> {
        writeProgram("keyledger.lua", settings);
        String text = text("haproxy.cfg", settings, "bind :8000", "bind 127.0.0.1:" + port);
        String file =
            written("haproxy.cfg", text.replace("/etc/haproxy", directory + "")).toString();
        yield List.of("haproxy", "-W", "-db", "-f", file);
      }
      case APACHE -> {
        writeProgram("keyledger-apache.lua", settings);
        String text = text("apache.conf", settings, "/etc/apache2", directory.toString());
        String file = written("apache.conf", apache() + text).toString();
        yield List.of("apache2", "-D", "FOREGROUND", "-f", file);
      }
    };
  }

  /** Returns settings for one process, so that there is one cache. */
  private String apache() {
    String modules =
        Stream.of(
                "mpm_event",
                "authz_core",
                "headers",
                "lua",
                "proxy",
                "proxy_http",
                "rewrite",
                "setenvif")
            .map("LoadModule %1$s_module /usr/lib/apache2/modules/mod_%1$s.so\n"::formatted)
            .collect(Collectors.joining());
    return modules
        + """
        ServerName a
        Listen 127.0.0.1:%d
        PidFile %2$s/apache.pid
        ErrorLog /dev/stderr
        User nobody
        Group nogroup
        StartServers 1
        ServerLimit 1
        ThreadsPerChild 8
        MaxRequestWorkers 8
        """
            .formatted(port, directory);
  }

  private void writeProgram(String file, Settings settings) throws IOException {
    String seconds = settings.caching ? "cache_seconds = 2" : "cache_seconds = 0";
    var _ = written(file, text(file, settings, "cache_seconds = 0", seconds));
  }

  private Path written(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  /** Returns a file with the addresses of this test and one more change. */
  private String text(String file, Settings settings, String what, String by) {
    String text = DeployFiles.text("gateways/" + file);
    assertThat(text).contains(what);
    return text.replace(what, by)
        .replace("127.0.0.1:8090", settings.keyledger)
        .replace("permission=read:users", "permission=" + settings.permission)
        .replace("127.0.0.1:3000", "127.0.0.1:" + application.getAddress().getPort());
  }

  @ParameterizedTest
  @EnumSource
  void requestsOfTraefikAreUnderstood(Port asked) throws IOException {
    JsonNode middleware =
        DeployFiles.yaml("gateways/traefik.yaml").getFirst().at("/http/middlewares");
    URI address = URI.create(middleware.at("/keyledger/forwardAuth/address").asString());
    String headers =
        """
        Host: 127.0.0.1:8090\r
        User-Agent: Go-http-client/1.1\r
        Accept-Encoding: gzip\r
        X-Forwarded-For: 203.0.113.9\r
        X-Forwarded-Host: example.com\r
        X-Forwarded-Method: POST\r
        X-Forwarded-Port: 443\r
        X-Forwarded-Proto: https\r
        X-Forwarded-Server: gateway\r
        X-Forwarded-Uri: /orders/1?a=b\r
        X-Real-Ip: 203.0.113.9\r
        """;
    assertUnderstood(asked, "GET " + address.getPath() + "?" + address.getQuery(), headers);
  }

  @ParameterizedTest
  @EnumSource
  void requestsOfEnvoyAndIstioAreUnderstood(Port asked) throws IOException {
    JsonNode envoy = DeployFiles.yaml("gateways/envoy.yaml").getFirst();
    JsonNode istio = DeployFiles.yaml("gateways/istio.yaml").getFirst();
    String prefix = envoy.findValue("path_prefix").asString();
    assertThat(istio.findValue("pathPrefix").asString()).isEqualTo(prefix);
    String headers =
        """
        host: example.com\r
        content-length: 0\r
        x-forwarded-for: 203.0.113.9\r
        x-envoy-internal: true\r
        x-envoy-expected-rq-timeout-ms: 1000\r
        """;
    for (String method : List.of("GET", "POST", "DELETE")) {
      assertUnderstood(asked, method + " " + prefix + "/orders/1?permission=a", headers);
    }
  }

  /**
   * Checks the requests of Envoy, which sends the allowed headers, and of Istio, which sends all.
   */
  @ParameterizedTest
  @ValueSource(strings = {"envoy-grpc.yaml", "istio-grpc.yaml"})
  void grpcRequestsOfEnvoyAndIstioAreUnderstood(String file) {
    List<JsonNode> documents = DeployFiles.yaml("gateways/" + file);
    Map<String, String> extensions =
        documents.stream()
            .flatMap(document -> document.findValues("context_extensions").stream())
            .flatMap(found -> found.propertyStream())
            .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().asString()));
    assertThat(extensions).isEqualTo(Map.of("permission", "read:users"));
    assertThat(documents.toString())
        .containsAnyOf("\"failure_mode_allow\":false", "\"failOpen\":false")
        .contains("\"keyledger-gateway-token\"", "9191");
    String other = keyledger.issuer().issued("write:users").secret();

    try (Envoy envoy = Envoy.of(keyledger)) {
      Envoy.Outcome passed = envoy.ask(asked(documents, extensions, "x-api-key", key.secret()));
      assertThat(passed.status()).isEqualTo(200);
      assertThat(passed.headers()).containsEntry("x-key-id", key.id());
      assertThat(Stream.concat(passed.headers().keySet().stream(), passed.removed().stream()))
          .containsAll(aboutKeys());
      assertThat(envoy.ask(asked(documents, extensions, "authorization", "")).status())
          .isEqualTo(401);
      assertThat(envoy.ask(asked(documents, extensions, "x-api-key", other)).status())
          .isEqualTo(403);
    }
  }

  private static CheckRequest asked(
      List<JsonNode> documents, Map<String, String> extensions, String header, String value) {
    JsonNode allowed = documents.getFirst().findPath("allowed_headers").path("patterns");
    Map<String, String> sent = new TreeMap<>(Map.of(header, value, "x-key-id", "forged"));
    sent.put("cookie", "c".repeat(40_000));
    boolean all = allowed.isMissingNode();
    sent.keySet()
        .removeIf(name ->
            all
                ? name.equals("cookie")
                : allowed
                    .valueStream()
                    .noneMatch(pattern ->
                        pattern.path("exact").asString("").equals(name)
                            || name.startsWith(pattern.path("prefix").asString("-"))));
    return Envoy.request(extensions, sent);
  }

  private void assertUnderstood(Port asked, String target, String headers) throws IOException {
    URI node = keyledger.uri(asked);
    String closing = headers + "Connection: close\r\n";
    RawAnswer good = raw(node, target, closing + "authorization: Bearer " + key.secret() + "\r\n");
    assertThat(good.status()).as(good.body()).isEqualTo(200);
    assertThat(good.headers().firstValue("X-Key-Id")).hasValue(key.id());
    assertThat(raw(node, target, closing).status()).isEqualTo(401);
    String other = keyledger.issuer().issued("write:users").secret();
    assertThat(raw(node, target, closing + "x-api-key: " + other + "\r\n").status()).isEqualTo(403);
  }

  /** Checks the lists: a gateway that omits a header lets the client choose it. */
  @Test
  void theListsOfHeadersAreWhole() {
    Set<String> all = aboutKeys();
    assertThat(all).hasSize(10);

    JsonNode envoy = DeployFiles.yaml("gateways/envoy.yaml").getFirst();
    assertThat(
            envoy
                .findValue("request_mutations")
                .valueStream()
                .map(mutation -> mutation.path("remove").asString()))
        .containsExactlyInAnyOrderElementsOf(all);
    JsonNode apisix = DeployFiles.yaml("gateways/apisix.yaml").getFirst();
    assertThat(strings(apisix.findValue("remove"))).containsExactlyInAnyOrderElementsOf(all);
    List<JsonNode> istio = DeployFiles.yaml("gateways/istio.yaml");
    assertThat(
            Stream.concat(
                strings(istio.getFirst().findValue("headersToUpstreamOnAllow")),
                strings(istio.getLast().findValue("remove"))))
        .containsExactlyInAnyOrderElementsOf(all);

    all.removeAll(List.of("x-key-name", "x-key-metadata"));
    assertThat(strings(apisix.findValue("upstream_headers")))
        .containsExactlyInAnyOrderElementsOf(all);
    Set<String> copied =
        DeployFiles.text("gateways/Caddyfile")
            .lines()
            .map(line -> line.strip().toLowerCase(Locale.ROOT))
            .filter(line -> line.matches("x-key-[a-z-]+"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(copied).isEqualTo(all);
  }

  /** Returns all headers about a key that a node answers with. */
  private Set<String> aboutKeys() {
    Answer answer =
        keyledger
            .client(Port.FAST)
            .bearer(key.secret())
            .get("/v1/forward-auth?headers=name,metadata");
    Set<String> all = new TreeSet<>(answer.headers().map().keySet());
    all.removeIf(name -> !name.startsWith("x-key-"));
    return all;
  }

  private static Stream<String> strings(JsonNode list) {
    return list.valueStream().map(name -> name.asString().toLowerCase(Locale.ROOT));
  }
}
