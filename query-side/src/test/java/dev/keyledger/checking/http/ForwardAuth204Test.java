package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Environment;
import dev.keyledger.http.HttpAnswer;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardAuth204Test {
  private final Node node = new Node();

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "POST"})
  void aGoodKeyPassesWithAllThatIsSaidOfIt(String method) {
    Node.Issued key = node.issue(USUAL.until(Instant.parse("2026-06-01T00:00:00Z")));
    HttpAnswer answer =
        node.send(
            new SentRequest(method, "/v1/forward-auth?permission=read:users&permission=read:orders")
                .bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().stream().map(header -> header.name() + ": " + header.value()))
        .containsExactly(
            "Cache-Control: no-store",
            "X-Key-Id: " + key.id(),
            "X-Key-Owner: app:billing",
            "X-Key-Workspace: default",
            "X-Key-Permissions: read:users,read:orders",
            "X-Key-Expires-At: 2026-06-01T00:00:00Z",
            "X-Key-Renew-Before: 2026-07-01T00:00:00Z");
  }

  @Test
  void whatThereIsNoneOfIsEmptyButThere() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer = node.send(asking("").bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(204);
    assertThat(Node.header(answer, "X-Key-Permissions")).isEmpty();
    assertThat(Node.header(answer, "X-Key-Expires-At")).isEmpty();
    assertThat(Node.header(answer, "X-Key-Renew-Before")).isEmpty();
  }

  @Test
  void theKeyMayComeInEitherHeader() {
    Node.Issued key = node.issue(USUAL);
    assertPasses(asking("").with("x-api-key", key.secret()));
    assertPasses(asking("").with("authorization", "bearer " + key.secret()));
  }

  @Test
  void ofAnyOneWillDoAndThoseHeldAreNamed() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer =
        node.send(
            asking("?match=any&permission=write:users&permission=read:users&permission=read:users")
                .bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(204);
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
            .with("X-Forwarded-For", "198.51.100.9, 203.0.113.7"));
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
    assertThat(guarded.send(request).status()).isEqualTo(204);
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
    assertThat(node.send(request).status()).isEqualTo(204);
  }

  private static SentRequest asking(String query) {
    return new SentRequest("GET", "/v1/forward-auth" + query);
  }
}
