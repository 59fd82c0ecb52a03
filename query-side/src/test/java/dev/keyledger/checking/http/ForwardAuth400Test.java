package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The refusal of every request from a misconfigured gateway: no check is ever left out. */
class ForwardAuth400Test {
  private final Node node = new Node();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permissions=write:users",
        "Permission=write:users",
        "permission%20=write:users",
        "permission[]=write:users",
        "permission",
        "permission=",
        "permission=read:users&permission=",
        "=write:users",
        "&permission=read:users",
        "permission=read:users&",
        "permission=read:users,write:users",
        "permission=read:*",
        "permission=read%20users",
        "permission=read+users",
        "permission=read%22",
        "permission=read%5c",
        "permission=*",
        "permission=keyledger:verfy",
        "permission=Keyledger.verify",
        "permission=%ff",
        "permission=%zz",
        "permission=read:users%00",
        "match=",
        "match=ALL",
        "match=none",
        "match=all&match=all",
        "environment=",
        "environment=prod",
        "environment=live&environment=test",
        "workspace=",
        "workspace=default&workspace=default",
        "workspace=Default",
        "workspace=..%2fdefault",
        "workspace=d",
        "atLeast=",
        "key=x",
        "api_key=x",
        "access_token=x",
        "maxAge=",
        "maxAge=60",
        "maxAge=PT1M0.001S",
        "credential=",
        "credential=Bearer",
        "credential=cookie",
        "credential=bearer,",
        "credential=bearer&credential=basic",
        "credential=header",
        "credential=header:",
        "credential=header:a b",
        "credential=header:a:b",
        "credential=header:Keyledger-Gateway-Token",
        "headers=",
        "headers=id",
        "headers=name,",
        "headers=name&headers=metadata"
      })
  void settingsThatCannotBeReadPassNobody(String settings) {
    assertRefused("?" + settings, "bad-request");
    String segment = settings.replace("%2f", "%2F");
    assertRefused("/-/" + segment, "bad-request");
    assertRefused("/-/" + segment + "/_/orders?permission=read:users", "bad-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/-/", "/-//", "/-//_/", "/-/?permission=read:users", "/-/../_/x", "/-/./x"})
  void settingsThatAreMissingPassNobody(String target) {
    assertRefused(target, "bad-request");
  }

  @Test
  void upToEightPlacesAreTried() {
    Node.Issued key = node.issue(USUAL);
    String most = "?credential=" + "bearer,".repeat(7) + "x-api-key";
    var asking = new SentRequest("GET", "/v1/forward-auth" + most);
    assertThat(node.send(asking.with("X-API-Key", key.secret())).status()).isEqualTo(200);
    assertRefused(most + ",basic", "bad-request");
  }

  @Test
  void aHeadersNameHas64CharactersAtMost() {
    Node.Issued key = node.issue(USUAL);
    String name = "x".repeat(64);
    var asking = new SentRequest("GET", "/v1/forward-auth?credential=header:" + name);
    assertThat(node.send(asking.with(name, key.secret())).status()).isEqualTo(200);
    assertRefused("?credential=header:x" + name, "bad-request");
  }

  @Test
  void moreThanAHundredPermissionsAreRefused() {
    assertRefused(
        IntStream.range(0, 101)
            .mapToObj(i -> "permission=read:thing" + i)
            .collect(Collectors.joining("&", "?", "")),
        "bad-request");
  }

  @Test
  void aForgedPositionTokenIsRefused() {
    assertRefused("?atLeast=x", "invalid-position-token");
    assertRefused("?atLeast=" + Node.tokens("another store").issue(1), "invalid-position-token");
  }

  @Test
  void aKeyInTheQueryIsRefusedAndNotRepeated() {
    Node.Issued key = node.issue(USUAL);
    for (String name : new String[] {"key", "permission", "workspace", "match"}) {
      String query = "?" + name + "=" + key.secret();
      HttpAnswer answer = node.send(new SentRequest("GET", "/v1/forward-auth" + query));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(new String(answer.body(), UTF_8)).doesNotContain(key.secret());
    }
  }

  @Test
  void verifyKnowsTwoMethods() {
    for (String method : new String[] {"GET", "HEAD", "PUT", "TRACE", "post"}) {
      HttpAnswer answer = node.send(new SentRequest(method, "/v1/verify"));
      assertThat(answer.status()).isEqualTo(405);
      assertThat(Node.header(answer, "Allow")).isEqualTo("POST, OPTIONS");
    }
    HttpAnswer answer = node.send(new SentRequest("OPTIONS", "/v1/verify/batch"));
    assertThat(answer.status()).isEqualTo(204);
    assertThat(Node.header(answer, "Allow")).isEqualTo("POST, OPTIONS");
  }

  private void assertRefused(String target, String code) {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer =
        node.send(new SentRequest("GET", "/v1/forward-auth" + target).bearer(key.secret()));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo(code);
  }
}
