package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Envoy;
import dev.keyledger.standalone.process.Envoy.Outcome;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Envoy's external authorization over gRPC, compared with HTTP. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class ExtAuthzIT {
  private static final Map<String, String> READ = Map.of("permission", "read:users");
  private static final String REQUEST_ID = "\"(instance|requestId)\":\"[^\"]*\"";

  private Client http;
  private Envoy envoy;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess keyledger) {
    http = keyledger.client(Port.FAST);
    envoy = Envoy.of(keyledger);
    issuer = keyledger.issuer();
  }

  @AfterEach
  void close() {
    envoy.close();
  }

  @Test
  void aGoodKeyPassesAndTheApplicationLearnsWhoseItIs() {
    IssuedKey key = issuer.issued("read:users");
    Map<String, String> forged =
        Map.of(
            "authorization", "Bearer " + key.secret(),
            "x-key-id", "forged",
            "x-key-name", "forged",
            "x-key-role", "forged",
            "x_key_id", "forged",
            "keyledger-gateway-token", "forged");

    Outcome outcome = envoy.ask(Envoy.request(READ, forged));

    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.headers())
        .containsEntry("x-key-id", key.id())
        .containsEntry("x-key-owner", "app:billing")
        .containsEntry("x-key-permissions", "read:users")
        .allSatisfy((name, _) -> assertThat(name).startsWith("x-key-"));
    assertThat(outcome.removed())
        .containsExactlyInAnyOrder("x-key-name", "x-key-metadata", "x-key-role", "x_key_id");
    assertThat(outcome.toClient()).isEmpty();
  }

  /** Sends each case over HTTP and over gRPC. */
  @Test
  void theAnswersAreThoseOfForwardAuth() {
    IssuedKey good =
        issuer.issuedWith("\"metadata\": {\"team\": \"ö\"}", "read:users", "read:carts");
    IssuedKey revoked = issuer.issued("read:users");
    issuer.done(revoked, "revoke", "{}");
    IssuedKey test = issuer.issuedWith("\"environment\": \"test\"", "read:users");
    IssuedKey near = issuer.issuedWith("\"ipAllowList\": [\"127.0.0.0/8\"]", "read:users");
    IssuedKey far = issuer.issuedWith("\"ipAllowList\": [\"203.0.113.0/24\"]", "read:users");
    String bearer = "Bearer " + good.secret();
    List<Map<String, String>> extensions =
        List.of(
            Map.of(),
            READ,
            Map.of("permission", "read:users write:users"),
            Map.of("permission", "read:users write:users", "match", "any"),
            Map.of("permission", "read:users", "environment", "any"),
            Map.of("workspace", "elsewhere"),
            Map.of("headers", "name,metadata"),
            Map.of("credential", "header:x-acme,token"),
            Map.of("maxAge", "PT1M"),
            Map.of("atLeast", "x"),
            Map.of("permision", "read:users"),
            Map.of("permission", ""),
            Map.of("permission", "read:*"),
            Map.of("match", "some"),
            Map.of("environment", "any&workspace=elsewhere"));
    List<Map<String, String>> headers =
        List.of(
            Map.of(),
            Map.of("authorization", bearer),
            Map.of("x-api-key", good.secret()),
            Map.of("authorization", bearer, "x-api-key", "other"),
            Map.of("authorization", "Bearer eyJ.e30.", "x-api-key", good.secret()),
            Map.of("authorization", bearer + ", " + bearer),
            Map.of("authorization", "Token " + good.secret(), "x-acme", ""),
            Map.of("x-acme", good.secret(), "x-api-key", "other"),
            Map.of("x-api-key", revoked.secret()),
            Map.of("x-api-key", test.secret()),
            Map.of("x-api-key", near.secret(), "x-forwarded-for", "203.0.113.9"),
            Map.of("x-api-key", far.secret(), "x-forwarded-for", "203.0.113.9"),
            Map.of("authorization", bearer, "keyledger-workspace", "elsewhere"));
    var statuses = new TreeMap<Integer, Integer>();
    for (Map<String, String> extension : extensions) {
      for (Map<String, String> header : headers) {
        Answer answer = overHttp(extension, header);
        Outcome outcome = envoy.ask(Envoy.request(extension, header));
        statuses.merge(outcome.status(), 1, Integer::sum);

        assertThat(outcome.status())
            .as("%s %s", extension, header.keySet())
            .isEqualTo(answer.status());
        assertThat(outcome.body().replaceAll(REQUEST_ID, ""))
            .isEqualTo(answer.text().replaceAll(REQUEST_ID, ""));
        var headersOfOutcome = new TreeMap<>(outcome.headers());
        headersOfOutcome.replace("keyledger-request-id", "");
        assertThat(headersOfOutcome).isEqualTo(constantHeadersOf(answer));
      }
    }
    assertThat(statuses).containsOnlyKeys(200, 400, 401, 403);
  }

  private Answer overHttp(Map<String, String> extensions, Map<String, String> headers) {
    String query =
        extensions.entrySet().stream()
            .flatMap(one ->
                one.getKey().equals("permission")
                    ? Stream.of(one.getValue().split(" "))
                        .map(value -> parameter(one.getKey(), value))
                    : Stream.of(parameter(one.getKey(), one.getValue())))
            .collect(Collectors.joining("&"));
    Client client = http;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      client = client.header(header.getKey(), header.getValue());
    }
    return client.get("/v1/forward-auth" + (query.isEmpty() ? "" : "?" + query));
  }

  private static String parameter(String name, String value) {
    return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /**
   * Returns the headers that a gateway passes on: of a 200 those about the key, otherwise all but
   * the usual.
   */
  private static Map<String, String> constantHeadersOf(Answer answer) {
    var headers = new LinkedHashMap<String, String>();
    answer
        .headers()
        .map()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    headers.keySet().removeAll(List.of("date", "content-length", "connection"));
    headers.replace("keyledger-request-id", "");
    if (answer.status() == 200) {
      headers.keySet().removeIf(name -> !name.startsWith("x-key-"));
    }
    return headers;
  }

  @Test
  void aRevokedKeyIsRefusedAtOnce() {
    IssuedKey key = issuer.issued("read:users");
    var request = Envoy.request(READ, Map.of("x-api-key", key.secret()));
    assertThat(envoy.ask(request).status()).isEqualTo(200);

    issuer.done(key, "revoke", "{}");

    assertThat(envoy.ask(request).status()).isEqualTo(401);
  }

  @Test
  void theSameKeyTwiceIsOneKeyAndTwoKeysAreNone() {
    String key = issuer.issued("read:users").secret();
    String other = issuer.issued("read:users").secret();

    assertThat(envoy.ask(twice("x-api-key", key, key)).status()).isEqualTo(200);
    assertThat(envoy.ask(twice("x-api-key", key, other)).status()).isEqualTo(401);
    assertThat(envoy.ask(twice("authorization", "Bearer " + key, "Bearer " + other)).status())
        .isEqualTo(401);
  }

  private static CheckRequest twice(String header, String first, String second) {
    return Envoy.rawRequest(
        READ, List.of(new String[] {header, first}, new String[] {header, second}));
  }

  @Test
  void aRotatedSecretIsReported() {
    IssuedKey key = issuer.issued("read:users");
    issuer.rotated(key, "{\"overlap\": \"PT1H\"}");

    Outcome outcome = envoy.ask(Envoy.request(Map.of(), Map.of("x-api-key", key.secret())));

    assertThat(outcome.headers().get("x-key-rotation"))
        .isEqualTo(
            http.header("X-API-Key", key.secret()).get("/v1/forward-auth").header("X-Key-Rotation"))
        .startsWith("superseded");
  }

  @Test
  void headsAndMessagesAreLimited() {
    String key = issuer.issued("read:users").secret();

    assertThat(withCookie(key, 20_000).status()).isEqualTo(200);
    assertThat(withCookie(key, 33_000).status()).isEqualTo(431);
    assertThatThrownBy(() -> withCookie(key, 140_000))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failed ->
                assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    assertThat(withCookie(key, 1).status()).isEqualTo(200);
  }

  private Outcome withCookie(String key, int chars) {
    return envoy.ask(Envoy.request(READ, Map.of("x-api-key", key, "cookie", "c".repeat(chars))));
  }

  @Test
  void manyCallsAtOnceAreAnswered() {
    String key = issuer.issued("read:users").secret();
    var request = Envoy.request(READ, Map.of("x-api-key", key));

    assertThat(Stream.generate(() -> request).limit(300).parallel().map(envoy::ask))
        .hasSize(300)
        .allSatisfy(outcome -> assertThat(outcome.status()).isEqualTo(200));
  }

  @Test
  void checksAreMeasured(KeyledgerProcess keyledger) {
    String key = issuer.issued("read:users").secret();

    assertThat(envoy.ask(Envoy.request(READ, Map.of("x-api-key", key))).status()).isEqualTo(200);

    assertThat(
            Metrics.of(keyledger)
                .sum(
                    "http_server_requests_seconds_count",
                    "uri=\"/envoy.service.auth.v3.Authorization/Check\"",
                    "status=\"200\""))
        .isPositive();
  }
}
