package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import org.junit.jupiter.api.Test;

/** Liveness and readiness where Spring does not answer. */
class ProbesTest {
  private static final String READINESS = "/actuator/health/readiness";

  private final Node node = new Node();

  @Test
  void theNodeReportsLivenessAndReadinessAndNothingElse() {
    assertProbe("/actuator/health/liveness", 200, "{\"status\":\"UP\"}");
    assertProbe(READINESS, 200, "{\"status\":\"UP\"}");
    node.ready = false;
    assertProbe("/actuator/health/liveness", 200, "{\"status\":\"UP\"}");
    assertProbe(READINESS, 503, "{\"status\":\"DOWN\"}");
  }

  @Test
  void aProbeOccupiesNoEventLoop() {
    assertThat(node.handler.mayWait(new SentRequest("GET", READINESS))).isTrue();
  }

  @Test
  void onlyReadingIsAllowed() {
    assertThat(node.send(new SentRequest("HEAD", READINESS)).body()).isEmpty();
    assertThat(node.send(new SentRequest("OPTIONS", READINESS)).status()).isEqualTo(204);
    HttpAnswer refused = node.send(new SentRequest("POST", READINESS));
    assertThat(refused.status()).isEqualTo(405);
    assertThat(Node.header(refused, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
    for (String path : new String[] {"/actuator/health", "/actuator/health/ledger", "/actuator"}) {
      assertThat(node.send(new SentRequest("GET", path)).status()).as(path).isEqualTo(404);
    }
  }

  private void assertProbe(String path, int status, String body) {
    HttpAnswer answer = node.send(new SentRequest("GET", path).bearer(Node.READER));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(new String(answer.body(), US_ASCII)).isEqualTo(body);
  }
}
