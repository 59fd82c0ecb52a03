package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Verify401Test {
  private final Node node = new Node();

  @Test
  void whateverIsWrongWithTheCredentialTheAnswerIsTheSame() {
    Node.Issued customer = node.issue(USUAL.holding("*:*"));
    Set<String> answers = new HashSet<>();
    for (SentRequest request :
        new SentRequest[] {
          asking(),
          asking().with("Authorization", ""),
          asking().with("Authorization", "Bearer"),
          asking().with("Authorization", "Bearer "),
          asking().with("Authorization", "Basic cm9vdDpyb290"),
          asking().with("Authorization", Node.ROOT_KEY),
          asking().bearer(Node.ROOT_KEY + "x"),
          asking().bearer(Node.ROOT_KEY.substring(1)),
          asking().bearer(Node.ROOT_KEY + " x"),
          asking().bearer("x".repeat(513)),
          asking().bearer("k\u00e9y"),
          asking().bearer(customer.secret()),
          asking().with("X-API-Key", Node.ROOT_KEY)
        }) {
      HttpAnswer answer = node.send(request);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(Node.header(answer, "WWW-Authenticate")).isEqualTo("Bearer");
      answers.add(new String(answer.body(), UTF_8).replace(request.requestId(), "(id)"));
    }
    assertThat(answers).hasSize(1);
  }

  private static SentRequest asking() {
    return new SentRequest("POST", "/v1/verify").json("{\"key\":\"x\"}");
  }
}
