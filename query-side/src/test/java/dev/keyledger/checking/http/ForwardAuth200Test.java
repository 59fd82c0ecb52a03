package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.http.HttpAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardAuth200Test {
  private final Node node = new Node();

  @ParameterizedTest
  @ValueSource(
      strings = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"})
  void aGoodKeyPassesWithAllThatIsSaidOfIt(String method) {
    Node.Issued key = node.issue(USUAL.until(Instant.parse("2026-06-01T00:00:00Z")));
    HttpAnswer answer =
        node.send(
            new SentRequest(method, "/v1/forward-auth?permission=read:users&permission=read:orders")
                .bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().stream().map(header -> header.name() + ": " + header.value()))
        .containsExactly(
            "Cache-Control: no-store",
            "X-Key-Id: " + key.id(),
            "X-Key-Owner: app:billing",
            "X-Key-Workspace: default",
            "X-Key-Environment: live",
            "X-Key-Permissions: read:users read:orders",
            "X-Key-Expires-At: 2026-06-01T00:00:00Z",
            "X-Key-Renew-Before: 2026-07-01T00:00:00Z",
            "X-Key-Rotation: -");
  }

  @Test
  void aHolderWhoseRenewalIsDueIsPrompted() {
    Instant expiry = Node.START.plus(Duration.ofDays(90));
    String key = node.issue(USUAL.until(expiry)).secret();
    node.now = expiry.minus(Duration.ofDays(30)).minusNanos(1);
    assertThat(Node.header(node.send(asking("").bearer(key)), "Keyledger-Renewal-Due")).isNull();
    node.now = expiry.minus(Duration.ofDays(30));
    assertThat(Node.header(node.send(asking("").bearer(key)), "Keyledger-Renewal-Due"))
        .isEqualTo(expiry.toString());
    String forever = node.issue(USUAL).secret();
    assertThat(Node.header(node.send(asking("").bearer(forever)), "Keyledger-Renewal-Due"))
        .isNull();
  }

  @Test
  void aHolderOfAnOldSecretLearnsOfTheRotation() {
    Node.Issued key = node.issue(USUAL);
    Instant end = Node.START.plus(Duration.ofDays(1));
    String second = node.rotate(key, 2, end);
    assertThat(Node.header(node.send(asking("").bearer(key.secret())), "X-Key-Rotation"))
        .isEqualTo("superseded; until=" + end);
    assertThat(Node.header(node.send(asking("").bearer(second)), "X-Key-Rotation")).isEqualTo("-");
  }

  @Test
  void aDashStandsForNoValue() {
    Node.Issued key = node.issue(USUAL.holding());
    HttpAnswer answer = node.send(asking("").bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Node.header(answer, "X-Key-Permissions")).isEqualTo("-");
    assertThat(Node.header(answer, "X-Key-Expires-At")).isEqualTo("-");
    assertThat(Node.header(answer, "X-Key-Renew-Before")).isEqualTo("-");
    assertThat(answer.headers()).noneMatch(header -> header.value().isEmpty());
  }

  @Test
  void whereNothingIsRequiredAllThatTheKeyHoldsIsListed() {
    Node.Issued key = node.issue(USUAL.holding("read:*", "write:users"));
    HttpAnswer answer = node.send(asking("").bearer(key.secret()));
    assertThat(Node.header(answer, "X-Key-Permissions")).isEqualTo("read:* write:users");
  }

  @Test
  void nameAndMetadataAreReturnedOnRequest() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer usual = node.send(asking("").bearer(key.secret()));
    HttpAnswer name = node.send(asking("?headers=name").bearer(key.secret()));
    HttpAnswer both = node.send(asking("?headers=metadata,name").bearer(key.secret()));
    assertThat(Node.header(usual, "X-Key-Name")).isNull();
    assertThat(Node.header(usual, "X-Key-Metadata")).isNull();
    assertThat(Node.header(name, "X-Key-Name")).isEqualTo("Billing");
    assertThat(Node.header(name, "X-Key-Metadata")).isNull();
    assertThat(Node.header(both, "X-Key-Name")).isEqualTo("Billing");
    byte[] metadata = Base64.getUrlDecoder().decode(Node.header(both, "X-Key-Metadata"));
    assertThat(new String(metadata, UTF_8)).isEqualTo("{\"team\":\"payments\"}");
  }

  @Test
  void anyNameIsReturnedInVisibleAscii() {
    Node.Issued key = node.issue(USUAL);
    node.add(key.id(), new KeyDescribed("Bücher + 100% \u2028*", Map.of()));
    HttpAnswer answer = node.send(asking("?headers=name").bearer(key.secret()));
    assertThat(Node.header(answer, "X-Key-Name"))
        .isEqualTo("B%C3%BCcher%20%2B%20100%25%20%E2%80%A8*");
  }

  @Test
  void theUsualPlacesAreTriedInTheirOrder() {
    String key = node.issue(USUAL).secret();
    assertPasses(asking("").with("x-api-key", key));
    assertPasses(asking("").with("authorization", "bearer " + key));
    assertPasses(asking("").with("X-API-Key", key).bearer("a-user's-token"));
    assertPasses(asking("").with("X-API-Key", "").bearer(key));
    assertPasses(asking("").with("X-API-Key", key).with("Authorization", ""));
    assertPasses(asking("").with("X-API-Key", key).with("Authorization", "Basic eDp5"));
    assertPasses(asking("").with("Authorization", "Basic eDp5").bearer(key));
    assertPasses(asking("").bearer(key).bearer(key));
    assertPasses(asking("").with("X-API-Key", key).with("X-API-Key", key));
    assertPasses(asking("").with("X-API-Key", "").with("X-API-Key", key));
  }

  @Test
  void theGatewaySaysWhereTheKeyIs() {
    String key = node.issue(USUAL).secret();
    assertPasses(asking("?credential=bearer").bearer(key).with("X-API-Key", "other"));
    assertPasses(asking("?credential=x-api-key").bearer("other").with("X-API-Key", key));
    assertPasses(asking("?credential=bearer,x-api-key").bearer(key).with("X-API-Key", "other"));
    for (String scheme : List.of("Token", "token", "Api-Key", "ApiKey", "APIKEY")) {
      assertPasses(asking("?credential=token").with("Authorization", scheme + " " + key));
    }
    assertPasses(asking("?credential=basic").with("Authorization", basic("user:" + key)));
    assertPasses(asking("?credential=basic").with("Authorization", basic(":" + key)));
    assertPasses(asking("?credential=basic").with("Authorization", basic(key + ":")));
    assertPasses(asking("?credential=basic,bearer").with("Authorization", basic(":")).bearer(key));
    assertPasses(asking("?credential=header:X-Acme_Key").with("x-acme_key", key).bearer("other"));
    assertPasses(asking("?credential=header%3aauthorization").with("Authorization", key));
    assertPasses(asking("?credential=token,bearer,header:a").with("A", key));
  }

  @Test
  void theClientsTargetMayBeAppended() {
    String key = node.issue(USUAL).secret();
    for (String target :
        List.of(
            "_",
            "_/",
            "_/orders",
            "_//orders//",
            "_/?permission=write:users",
            "_/orders?permission=write:users&workspace=other&x",
            "_/a%2Fb%5Cc%00%zz;x=y",
            "_/...",
            "_/.well-known/a.b/..c/%252e%252e/",
            "_/[a]{b}|c^d`e\\f\"g<h>?[a]{b}|c^d`e\\f\"g<h>",
            "permission=read:users/permission=write:users",
            "permission=read%3Ausers&permission=read:orders/x",
            "permission=read:users&match=any&permission=write:users/",
            "credential=x-api-key,bearer/orders",
            "workspace=default&environment=any/_/workspace=other")) {
      assertPasses(asking("/-/" + target).bearer(key));
    }
    assertPasses(
        new SentRequest("DELETE", "/v1/forward-auth/-/permission=read:users/x").bearer(key));
  }

  @Test
  void ofAnyOneWillDoAndThoseHeldAreNamed() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer =
        node.send(
            asking("?match=any&permission=write:users&permission=read:users&permission=read:users")
                .bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Node.header(answer, "X-Key-Permissions")).isEqualTo("read:users");
  }

  @Test
  void aHundredPermissionsCanBeAskedFor() {
    Node.Issued key = node.issue(USUAL);
    String hundred =
        IntStream.range(0, 100)
            .mapToObj(i -> "permission=read%3Athing" + i)
            .collect(Collectors.joining("&"));
    assertPasses(asking("?" + hundred).bearer(key.secret()));
  }

  @Test
  void anAgeUpToAMinuteCanBeAskedFor() {
    Node.Issued key = node.issue(USUAL);
    assertPasses(asking("?maxAge=PT1M").bearer(key.secret()));
    assertPasses(asking("?maxAge=PT0.2S").bearer(key.secret()));
    assertThat(node.send(asking("?maxAge=PT0.199S").bearer(key.secret())).status()).isEqualTo(503);
  }

  @Test
  void environmentAndWorkspaceAreTheGatewaysToName() {
    Node.Issued key = node.issue(USUAL.of(Environment.TEST).in("acme"));
    assertPasses(asking("?workspace=acme&environment=test").bearer(key.secret()));
    assertPasses(asking("?workspace=acme&environment=any").bearer(key.secret()));
  }

  @Test
  void theAddressIsTheClientsAsFarAsProxiesAreTrusted() {
    Node.Issued key = node.issue(USUAL.fromAddresses("203.0.113.7"));
    assertPasses(asking("").bearer(key.secret()).from("203.0.113.7"));
    assertPasses(
        asking("")
            .bearer(key.secret())
            .from(Node.TRUSTED_PROXY)
            .with("X-Forwarded-For", "198.51.100.9, 203.0.113.7:51234"));
    assertPasses(
        asking("")
            .bearer(key.secret())
            .from(Node.TRUSTED_PROXY)
            .with("Forwarded", "for=198.51.100.9, for=\"203.0.113.7:443\";proto=https"));
  }

  @Test
  void keyledgersHeadersOfTheClientAreIgnored() {
    Node.Issued key = node.issue(USUAL);
    assertPasses(
        asking("")
            .bearer(key.secret())
            .with("Keyledger-At-Least", "forged")
            .with("Keyledger-Wait", "forged")
            .with("Keyledger-Workspace", "other")
            .with("Keyledger-Gateway-Token", "whatever"));
  }

  @Test
  void theGatewaysTokenOpensTheDoor() {
    Node guarded = Node.behindGateway();
    Node.Issued key = guarded.issue(USUAL);
    var request = asking("").bearer(key.secret());
    request.with("Keyledger-Gateway-Token", Node.GATEWAY_TOKEN);
    assertThat(guarded.send(request).status()).isEqualTo(200);
  }

  @Test
  void theBodyIsNotRead() {
    Node.Issued key = node.issue(USUAL);
    var request = new SentRequest("POST", "/v1/forward-auth").bearer(key.secret());
    assertPasses(request.with("Content-Type", "text/plain").body(new byte[1024 * 1024]));
  }

  @Test
  void aPositionThatWasReachedIsNotInTheWay() {
    Node.Issued key = node.issue(USUAL);
    assertPasses(asking("?atLeast=" + node.tokens.issue(1)).bearer(key.secret()));
  }

  private void assertPasses(SentRequest request) {
    assertThat(node.send(request).status()).isEqualTo(200);
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  private static SentRequest asking(String query) {
    return new SentRequest("GET", "/v1/forward-auth" + query);
  }
}
