package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The limit for a source that presents too many invalid credentials; a valid one is always
 * accepted.
 */
class FloodTest {
  private static final int FAILURES_MAX = 3;

  private final Node node = Node.bearing(FAILURES_MAX);
  private final String good = node.issue(USUAL).secret();

  @Test
  void failingAnswersAndNoOthersBecome429() {
    for (int left = FAILURES_MAX - 1; left >= 0; left--) {
      HttpAnswer failed = node.send(verifying().bearer("wrong"));
      assertThat(failed.status()).isEqualTo(401);
      assertThat(Node.header(failed, "RateLimit-Policy")).isEqualTo("\"failures\";q=3;w=3");
      assertThat(Node.header(failed, "RateLimit"))
          .isEqualTo("\"failures\";r=" + left + ";t=" + (FAILURES_MAX - left));
      assertThat(Node.header(failed, "Retry-After")).isNull();
    }
    for (SentRequest request : List.of(verifying().bearer("wrong"), verifying())) {
      HttpAnswer limited = node.send(request);
      assertThat(limited.status()).isEqualTo(429);
      assertThat(Node.json(limited).path("code").asString()).isEqualTo("rate-limited");
      assertThat(Node.header(limited, "Retry-After")).isEqualTo("1");
      assertThat(Node.header(limited, "RateLimit")).isEqualTo("\"failures\";r=0;t=3");
      assertThat(Node.header(limited, "WWW-Authenticate")).isNull();
    }
    assertThat(node.send(verifying().bearer(Node.ROOT_KEY)).status()).isEqualTo(200);
    assertThat(node.send(verifying().bearer(Node.OPERATOR)).status()).isEqualTo(200);
    assertThat(node.send(verifying().bearer(Node.READER)).status()).as("known").isEqualTo(403);
    assertThat(node.send(asking().bearer(good)).status()).isEqualTo(200);
  }

  @Test
  void aSecondLaterOneMoreMayFail() {
    for (int i = 0; i <= FAILURES_MAX; i++) {
      node.send(verifying());
    }
    node.nanoTime += Duration.ofSeconds(1).toNanos();
    assertThat(node.send(verifying()).status()).isEqualTo(401);
    assertThat(node.send(verifying()).status()).isEqualTo(429);
  }

  @Test
  void aGatewayGetsItsOneAnswerWithARetryAfter() {
    HttpAnswer first = node.send(asking().bearer("wrong"));
    node.send(asking());
    node.send(asking().bearer(good).bearer("other"));
    HttpAnswer limited = node.send(asking().bearer("wrong"));

    assertThat(Node.header(first, "Retry-After")).isNull();
    assertThat(Node.header(limited, "Retry-After")).isEqualTo("1");
    assertThat(limited.status()).isEqualTo(401);
    assertThat(limited.body()).isEqualTo(first.body());
    assertThat(limited.headers()).hasSize(first.headers().size() + 1).containsAll(first.headers());
    assertThat(node.send(asking().bearer(good)).status()).isEqualTo(200);
    assertThat(node.send(asking("?permission=write:users").bearer(good)).status()).isEqualTo(403);
    assertThat(node.send(verifying()).status()).as("counted together").isEqualTo(429);
  }

  @Test
  void decisionsAboutKeysCountForNoSource() {
    for (int i = 0; i < 5 * FAILURES_MAX; i++) {
      assertThat(node.send(verifying().bearer(Node.ROOT_KEY)).status()).isEqualTo(200);
    }
    assertThat(node.send(verifying()).status()).isEqualTo(401);
  }

  @Test
  void clientsBehindATrustedProxyAreDistinguished() {
    for (int i = 0; i < 2 * FAILURES_MAX; i++) {
      node.send(behindProxy("203.0.113.7"));
    }
    assertThat(node.send(behindProxy("203.0.113.7")).status()).isEqualTo(429);
    assertThat(node.send(behindProxy("203.0.113.8")).status()).isEqualTo(401);
  }

  private static SentRequest behindProxy(String client) {
    return verifying().from(Node.TRUSTED_PROXY).with("X-Forwarded-For", client);
  }

  private static SentRequest verifying() {
    return new SentRequest("POST", "/v1/verify").json("{\"key\":\"unknown\"}");
  }

  private static SentRequest asking() {
    return asking("");
  }

  private static SentRequest asking(String query) {
    return new SentRequest("GET", "/v1/forward-auth" + query);
  }
}
