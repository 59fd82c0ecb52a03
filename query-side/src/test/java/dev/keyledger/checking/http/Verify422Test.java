package dev.keyledger.checking.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class Verify422Test {
  private final Node node = new Node();

  @Test
  void aKeyIsRequired() {
    assertInvalid(node.verify("{}"), "key");
    assertInvalid(node.verify(""), "key");
    assertInvalid(node.verify("null"), "key");
    assertInvalid(node.verify("{\"key\":null}"), "key");
    assertInvalid(node.verify("{\"explain\":true}"), "key");
  }

  @Test
  void aListHasAHundredPermissionsAtMost() {
    String tooMany = String.join(",", Collections.nCopies(101, "\"read:users\""));
    assertInvalid(
        node.verify("{\"key\":\"x\",\"permissions\":{\"anyOf\":[" + tooMany + "]}}"),
        "permissions.anyOf");
    assertInvalid(
        node.verify("{\"key\":\"x\",\"permissions\":{\"allOf\":[" + tooMany + "]}}"),
        "permissions.allOf");
  }

  @Test
  void anAgeIsAMinuteAtMost() {
    assertInvalid(node.verify("{\"key\":\"x\",\"maxAge\":\"PT60.000000001S\"}"), "maxAge");
  }

  @Test
  void aBatchHasOneToAHundredChecks() {
    String tooMany = String.join(",", Collections.nCopies(101, "{\"key\":\"x\"}"));
    assertInvalid(batch("{\"checks\":[" + tooMany + "]}"), "checks");
    assertInvalid(batch("{\"checks\":[]}"), "checks");
    assertInvalid(batch("{}"), "checks");
    assertInvalid(batch("{\"checks\":null}"), "checks");
  }

  @Test
  void aBatchRequiresAThousandPermissionsAtMost() {
    String check = "{\"key\":\"x\",\"permissions\":{\"anyOf\":[%s]}}";
    String hundred = check.formatted(String.join(",", Collections.nCopies(100, "\"read:users\"")));
    String most = String.join(",", Collections.nCopies(10, hundred));

    assertThat(batch("{\"checks\":[" + most + "]}").status()).isEqualTo(200);
    assertInvalid(
        batch("{\"checks\":[" + most + "," + check.formatted("\"read:users\"") + "]}"), "checks");
  }

  @Test
  void thoseToBeExplainedRequireAsManyAsOneCheckCan() {
    String hundred = String.join(",", Collections.nCopies(100, "\"read:users\""));
    String most =
        "{\"key\":\"x\",\"explain\":true,\"permissions\":{\"anyOf\":[%s],\"allOf\":[%s]}}"
            .formatted(hundred, hundred);
    String one = "{\"key\":\"x\",\"explain\":%s,\"permissions\":{\"anyOf\":[\"read:users\"]}}";

    assertThat(batch("{\"checks\":[" + most + "," + one.formatted(false) + "]}").status())
        .isEqualTo(200);
    assertInvalid(batch("{\"checks\":[" + most + "," + one.formatted(true) + "]}"), "checks");
  }

  private HttpAnswer batch(String json) {
    return node.send(new SentRequest("POST", "/v1/verify/batch").bearer(Node.ROOT_KEY).json(json));
  }

  private static void assertInvalid(HttpAnswer answer, String field) {
    assertThat(answer.status()).isEqualTo(422);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("invalid-field");
    assertThat(Node.json(answer).get("errors").get(0).get("field").stringValue()).isEqualTo(field);
  }
}
