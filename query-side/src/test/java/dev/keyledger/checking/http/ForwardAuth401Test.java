package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.http.HttpAnswer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForwardAuth401Test {
  private static final String ANSWER =
      """
      401
      Content-Type: application/problem+json
      Cache-Control: no-store
      WWW-Authenticate: Bearer

      {"type":"/problems/unauthorized","title":"The credential is missing or not good",\
      "status":401,"detail":"Send one key that is good here.","code":"unauthorized"}\
      """;

  private final Node node = new Node();

  @Test
  void everyCauseHasTheSameAnswerByteByByte() {
    Node.Issued good = node.issue(USUAL);
    var requests = new ArrayList<SentRequest>();
    requests.add(asking(""));
    for (String authorization :
        List.of(
            "",
            "Bearer",
            "Bearer ",
            good.secret(),
            "Basic " + good.secret(),
            "Token " + good.secret(),
            "Bearer " + good.secret() + ", Bearer " + good.secret(),
            "Bearer " + good.secret() + "," + good.secret(),
            "Bearer " + good.secret() + " " + good.secret(),
            "Bearer\t" + good.secret(),
            "Bearer  " + good.secret() + " ",
            "Bearer \u200b" + good.secret(),
            "Bearer " + good.secret() + "\u0000",
            "Bearer " + good.secret().toLowerCase(java.util.Locale.ROOT),
            "Bearer " + good.secret().replace("kl_", "\uff4bl_"),
            "Bearer " + "x".repeat(4096),
            "Bearer " + "x".repeat(4097),
            "Bearer " + Node.unknownSecret(),
            "Bearer " + good.secret().substring(1),
            "Bearer " + good.secret() + "0",
            "Bearer " + Node.ROOT_KEY,
            "Bearer " + Node.OPERATOR)) {
      requests.add(asking("").with("Authorization", authorization));
    }
    requests.add(asking("").bearer(good.secret()).bearer("other"));
    requests.add(asking("").bearer(good.secret()).with("X-API-Key", "other"));
    requests.add(asking("").with("X-API-Key", good.secret()).with("X-API-Key", "other"));
    requests.add(asking("?credential=bearer").with("X-API-Key", good.secret()));
    requests.add(asking("?credential=x-api-key").bearer(good.secret()));
    requests.add(asking("?credential=basic").bearer(good.secret()));
    requests.add(asking("?credential=token").bearer(good.secret()));
    requests.add(asking("?credential=header:x-acme").bearer(good.secret()));
    for (String basic :
        List.of(
            good.secret(),
            "x:" + good.secret() + "x",
            good.secret() + ":x",
            ":" + good.secret(),
            "x:" + good.secret() + ":")) {
      String encoded = Base64.getEncoder().encodeToString(basic.getBytes(UTF_8));
      boolean isGood = basic.startsWith(":");
      requests.add(
          asking("?credential=" + (isGood ? "bearer" : "basic,bearer"))
              .with("Authorization", "Basic " + encoded));
    }
    requests.add(asking("?credential=basic").with("Authorization", "Basic !" + good.secret()));
    requests.add(
        asking("?credential=token")
            .with("Authorization", "Token " + good.secret())
            .with("Authorization", "ApiKey other"));
    for (String dots :
        List.of(
            "/..",
            "/.",
            "/../",
            "/./",
            "/a/../b",
            "/a/..",
            "/a/.",
            "/%2e",
            "/%2e%2E",
            "/.%2e/a",
            "/%2E.",
            "/a%2f..",
            "/a%2F..%2fb",
            "/a%5c..",
            "/a\\..\\b",
            "//..",
            "/..;a",
            "/..;/a",
            "/%2e%2e;a=b/c")) {
      requests.add(new SentRequest("GET", "/v1/forward-auth/-/_" + dots).bearer(good.secret()));
    }
    requests.add(asking("").with("X-API-Key", good.secret() + "," + good.secret()));
    requests.add(asking("").with("X-API-Key", " " + good.secret()));
    requests.add(asking("").with("X-API-Key", ""));
    requests.add(asking("?workspace=nowhere").bearer(good.secret()));
    requests.add(asking("?environment=test").bearer(good.secret()));
    requests.add(asking("").bearer(node.issue(USUAL.in("other")).secret()));
    requests.add(asking("").bearer(node.issue(USUAL.of(Environment.TEST)).secret()));
    requests.add(asking("").bearer(node.issue(USUAL.until(node.now)).secret()));
    requests.add(asking("").bearer(revoked()));
    requests.add(asking("").bearer(suspended()));
    requests.add(asking("").bearer(rotatedOut()));
    String restricted = node.issue(USUAL.fromAddresses("203.0.113.7")).secret();
    requests.add(asking("").bearer(restricted));
    requests.add(asking("").bearer(restricted).with("X-Forwarded-For", "203.0.113.7"));
    for (String hops : List.of("203.0.113.7, unknown", "203.0.113.7:x", "203.0.113.7, 10.0.0.1:")) {
      requests.add(
          asking("").bearer(restricted).from(Node.TRUSTED_PROXY).with("X-Forwarded-For", hops));
    }
    requests.add(asking("?permission=write:users").bearer(restricted));
    requests.add(asking("?permission=write:users").bearer(revoked()));
    for (SentRequest request : requests) {
      assertThat(text(node.send(request))).isEqualTo(ANSWER);
    }
    assertThat(node.send(asking("").bearer(good.secret())).status()).isEqualTo(200);
  }

  /** Checks that the error is reported to the gateway. */
  @Test
  void withoutTheGatewaysTokenNoKeyIsGood() {
    Node guarded = Node.behindGateway();
    String good = guarded.issue(USUAL).secret();
    String header = "Keyledger-Gateway-Token";
    for (SentRequest request :
        List.of(
            asking("").bearer(good),
            asking("").bearer(good).with(header, ""),
            asking("").bearer(good).with(header, Node.GATEWAY_TOKEN + "x"),
            asking("").bearer(good).with(header, "x"),
            asking("")
                .bearer(good)
                .with(header, Node.GATEWAY_TOKEN)
                .with(header, Node.GATEWAY_TOKEN),
            asking("?permission=write:users").bearer(good),
            asking("?misspelt=x").bearer(good),
            asking("?atLeast=" + guarded.tokens.issue(1)).bearer(good))) {
      HttpAnswer answer = guarded.send(request);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("unauthorized");
      assertThat(Node.json(answer).get("detail").stringValue()).contains(header);
      assertThat(Node.json(answer).get("requestId").stringValue()).isEqualTo(request.requestId());
    }
    assertThat(guarded.lastWait).as("nobody unknown waits").isNull();
    assertThat(text(guarded.send(asking("").with(header, Node.GATEWAY_TOKEN)))).isEqualTo(ANSWER);
  }

  private String revoked() {
    Node.Issued key = node.issue(USUAL);
    node.add(key.id(), new KeyRevoked(RevocationReason.COMPROMISED));
    return key.secret();
  }

  private String suspended() {
    Node.Issued key = node.issue(USUAL);
    node.add(key.id(), new KeySuspended());
    return key.secret();
  }

  private String rotatedOut() {
    Node.Issued key = node.issue(USUAL);
    node.rotate(key, 2, node.now);
    return key.secret();
  }

  private static SentRequest asking(String query) {
    return new SentRequest("GET", "/v1/forward-auth" + query);
  }

  private static String text(HttpAnswer answer) {
    var text = new StringBuilder().append(answer.status()).append('\n');
    answer
        .headers()
        .forEach(
            header -> text.append(header.name()).append(": ").append(header.value()).append('\n'));
    return text.append('\n').append(new String(answer.body(), UTF_8)).toString();
  }
}
