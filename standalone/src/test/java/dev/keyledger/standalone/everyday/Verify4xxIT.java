package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@ParameterizedClass
@EnumSource(Port.class)
@ExtendWith(SharedStandalone.class)
class Verify4xxIT {
  private static final String CHECK = "{\"key\": \"some-key\"}";

  @Parameter Port port = Port.MAIN;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"key\": 1}",
        "{\"key\": \"a\", \"permission\": \"read:users\"}",
        "{\"key\": \"a\", \"permissions\": [\"read:users\"]}",
        "{\"key\": \"a\", \"permissions\": {\"oneOf\": []}}",
        "{\"key\": \"a\", \"permissions\": {\"anyOf\": [\"read:*\"]}}",
        "{\"key\": \"a\", \"key\": \"a\"}",
        "[]",
      })
  void aCheckThatCannotBeUnderstoodIs400(String body, KeyledgerProcess keyledger) {
    assertProblem(keyledger.issuer(port).verify(body), 400, "bad-request");
  }

  @Test
  void aQueryParameterIs400(KeyledgerProcess keyledger) {
    assertProblem(
        keyledger.issuer(port).checks().post("/v1/verify?key=some-key", "{}"), 400, "bad-request");
  }

  @Test
  void anUnauthorizedCallerGets401(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer(port);
    String secret = issuer.issued("read:users").secret();
    String check = "{\"key\": \"%s\"}".formatted(secret);

    assertProblem(keyledger.client(port).post("/v1/verify", check), 401, "unauthorized");
    assertProblem(
        keyledger.client(port).bearer("x").post("/v1/verify", check), 401, "unauthorized");
    assertProblem(
        keyledger
            .client(port)
            .header("Authorization", "Basic " + keyledger.rootKey())
            .post("/v1/verify", check),
        401,
        "unauthorized");
    // A customer's key is not an operator's.
    assertProblem(
        keyledger.client(port).bearer(secret).post("/v1/verify", check), 401, "unauthorized");
  }

  @Test
  void anotherMethodIs405(KeyledgerProcess keyledger) {
    assertProblem(keyledger.issuer(port).checks().get("/v1/verify"), 405, "method-not-allowed");
  }

  @Test
  void theLargestBodyIsReadAndOneByteMoreIs413(KeyledgerProcess keyledger) {
    String largest = CHECK + " ".repeat(64 * 1024 - CHECK.length());

    assertProblem(keyledger.issuer(port).verify(largest + " "), 413, "too-large");
    assertThat(keyledger.issuer(port).verify(largest).status()).isEqualTo(200);
  }

  @Test
  void aBodyOfAnotherMediaTypeIs415(KeyledgerProcess keyledger) {
    assertProblem(
        keyledger
            .issuer(port)
            .checks()
            .header("Content-Type", "text/plain")
            .post("/v1/verify", CHECK),
        415,
        "unsupported-media-type");
  }
}
