package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of verify's refusals: a request with every fault, corrected one by one. */
class VerifyOrderTest {
  private final Node node = new Node();

  @Test
  void faultsAreReportedInTheOrderOfTheContract() {
    node.issue(USUAL);
    node.sinceContact = Duration.ofMinutes(2);
    var told = new ArrayDeque<String>();
    for (int mended = 0; mended <= 9; mended++) {
      told.add(codeOf(node.send(request(mended))));
    }
    node.sinceContact = Duration.ZERO;
    told.add(codeOf(node.send(request(9))));
    assertThat(told)
        .containsExactly(
            "405 method-not-allowed",
            "413 too-large",
            "415 unsupported-media-type",
            "401 unauthorized",
            "403 forbidden",
            "400 bad-request",
            "503 not-yet-applied",
            "404 not-found",
            "422 invalid-field",
            "503 stale",
            "200");
  }

  @Test
  void aCallerThatMayBecomeKnownAtThePositionIsNotRefusedBeforeIt() {
    for (String credential : List.of("nobody's", Node.READER)) {
      var request = new SentRequest("POST", "/v1/verify").bearer(credential).json("{}");
      request.with("Keyledger-Wait", "PT0S");
      request.with("Keyledger-At-Least", node.tokens.issue(1_000_000));
      assertThat(codeOf(node.send(request))).isEqualTo("503 not-yet-applied");
    }
    var anonymous = new SentRequest("POST", "/v1/verify").json("{}");
    anonymous.with("Keyledger-At-Least", node.tokens.issue(1_000_000));
    assertThat(codeOf(node.send(anonymous))).isEqualTo("401 unauthorized");
  }

  /** Names the position of the revocation, which this node has yet to apply. */
  @Test
  void aCallerNoLongerKnownAtThePositionIsRefused() {
    node.issue(USUAL);
    var request = new SentRequest("POST", "/v1/verify").bearer(Node.OPERATOR);
    request.json("{\"key\":\"x\"}");
    request.with("Keyledger-At-Least", node.tokens.issue(node.index.position()));
    assertThat(codeOf(node.send(request))).isEqualTo("200");
    node.whileWaiting = () -> node.revokedOperators.add(Node.OPERATOR);
    assertThat(codeOf(node.send(request))).isEqualTo("401 unauthorized");
  }

  private SentRequest request(int mended) {
    String body =
        List.of(
                "{".repeat(64 * 1024 + 1), // 0: of another method
                "{".repeat(64 * 1024 + 1), // 1: also too large
                "{", // 2: also of another media type
                "{", // 3: also without credential
                "{", // 4: also without permission
                "{", // 5: also no JSON
                "{}", // 6: also too early, and outside the limits
                "{}", // 7: also of an unknown workspace
                "{}", // 8: also outside the limits
                "{\"key\":\"x\"}")
            .get(mended);
    var request = new SentRequest(mended == 0 ? "PUT" : "POST", "/v1/verify");
    request.body(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    request.with("Content-Type", mended <= 2 ? "text/plain" : "application/json");
    if (mended <= 6) {
      request.with("Keyledger-At-Least", mended <= 4 ? "forged" : node.tokens.issue(1_000_000));
    }
    switch (mended) {
      case 0, 1, 2, 3 -> request.bearer("nobody's");
      case 4 -> request.bearer(Node.READER);
      case 5, 6, 7 -> request.bearer(Node.STRANGER);
      default -> request.bearer(Node.OPERATOR);
    }
    return request;
  }

  private static String codeOf(HttpAnswer answer) {
    return answer.status() == 200
        ? "200"
        : answer.status() + " " + Node.json(answer).get("code").stringValue();
  }
}
