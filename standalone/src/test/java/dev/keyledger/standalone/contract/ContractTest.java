package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;

/** The detection of answers that violate the contract. */
class ContractTest {
  private static final String UNKNOWN =
      "{\"valid\":false,\"code\":\"NOT_FOUND\",\"position\":1,\"asOf\":\"2027-02-01T12:00:00Z\"}";
  private static final String PROBLEM =
      """
      {"type": "/problems/%1$s", "title": "t", "status": 409, "detail": "d", "code": "%1$s",
      "instance": "urn:keyledger:request:req_0", "requestId": "req_%2$s"}
      """;

  @Test
  void aDocumentedAnswerIsGood() {
    assertVerify(200, headers(), UNKNOWN).isEmpty();
    assertRenew(409, PROBLEM.formatted("key-revoked", "0".repeat(32))).isEmpty();
  }

  @Test
  void anotherStatusIsNot() {
    assertVerify(202, headers(), UNKNOWN).singleElement().asString().contains("not documented");
    assertVerify(500, headers(), UNKNOWN).isNotEmpty();
  }

  @Test
  void aFieldTooManyOrTooFewOrOfAnotherFormIsNot() {
    assertVerify(200, headers(), UNKNOWN.replace("}", ",\"keyId\":\"x\"}")).isNotEmpty();
    assertVerify(200, headers(), UNKNOWN.replace("\"position\":1,", "")).isNotEmpty();
    assertVerify(200, headers(), UNKNOWN.replace("12:00:00Z", "12:00:00+01:00")).isNotEmpty();
    assertVerify(200, headers(), UNKNOWN.replace("NOT_FOUND", "LOST")).isNotEmpty();
    assertVerify(200, headers(), "").isNotEmpty();
  }

  @Test
  void aMissingHeaderOrAnotherMediaTypeIsNot() {
    Map<String, List<String>> cacheable = new HashMap<>(headers());
    cacheable.remove("Cache-Control");
    Map<String, List<String>> text = new HashMap<>(headers());
    text.put("Content-Type", List.of("text/plain"));

    assertVerify(200, cacheable, UNKNOWN).singleElement().asString().contains("Cache-Control");
    assertVerify(200, text, UNKNOWN).singleElement().asString().contains("text/plain");
  }

  @Test
  void aProblemOfAnotherOperationIsNot() {
    assertRenew(409, PROBLEM.formatted("key-not-suspended", "0".repeat(32)))
        .singleElement()
        .asString()
        .contains("the code is not documented");
    assertRenew(409, PROBLEM.formatted("key-revoked", "x")).isNotEmpty();
  }

  @Test
  void aMessageOfTheFeedIsHeldToItsSchema() {
    String good =
        "id: x\nevent: heartbeat\ndata: {\"position\":1,\"asOf\":\"2027-02-01T12:00:00Z\"}\n\n";
    Map<String, List<String>> headers = new HashMap<>(headers());
    headers.put("Content-Type", List.of("text/event-stream"));
    headers.put("X-Accel-Buffering", List.of("no"));

    assertThat(violations("GET", "/v1/feed", 200, headers, good)).isEmpty();
    for (String bad :
        List.of(
            good.replace("heartbeat", "KeyIssued"),
            good + "event: end\ndata: {\"code\":\"enough\"}\n\n",
            good + "event: KeyIssued\ndata: {\"position\":2,\n\n")) {
      assertThat(violations("GET", "/v1/feed", 200, headers, bad)).as(bad).isNotEmpty();
    }
  }

  @Test
  void anUndocumentedRequestMayOnlyBeRefused() {
    assertThat(violations("GET", "/v1/nothing", 404, headers(), "")).isEmpty();
    assertThat(violations("GET", "/v1/nothing", 200, headers(), "{}")).isNotEmpty();
    assertThat(violations("GET", "/v1/nothing", 500, headers(), "")).isNotEmpty();
    assertThat(violations("DELETE", "/v1/verify", 200, headers(), "")).isNotEmpty();
    assertThat(violations("DELETE", "/v1/verify", 405, headers(), ""))
        .singleElement()
        .asString()
        .contains("Allow");
  }

  private static ListAssert<String> assertVerify(
      int status, Map<String, List<String>> headers, String body) {
    return assertThat(violations("POST", "/v1/verify", status, headers, body));
  }

  private static ListAssert<String> assertRenew(int status, String body) {
    Map<String, List<String>> headers = new HashMap<>(headers());
    headers.put("Content-Type", List.of("application/problem+json"));
    return assertThat(
        violations("POST", "/v1/keys/key_01k0000000000000000000000a/renew", status, headers, body));
  }

  private static List<String> violations(
      String method, String path, int status, Map<String, List<String>> headers, String body) {
    return Contract.KEYLEDGER.violations(
        method, path, status, HttpHeaders.of(headers, (_, _) -> true), body);
  }

  private static Map<String, List<String>> headers() {
    return Map.of(
        "Content-Type", List.of("application/json"),
        "Cache-Control", List.of("no-store"),
        "Keyledger-Request-Id", List.of("req_0123456789abcdef0123456789abcdef"));
  }
}
