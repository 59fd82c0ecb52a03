package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;

/**
 * The verification of random input: no input makes a node fail, and no damage to it makes a key
 * valid.
 */
class VerificationFuzzTest {
  private static final int ROUNDS = 4_000;

  /** The parts of a query that may remain in a passing request. */
  private static final Pattern HARMLESS =
      Pattern.compile("permission=read:users|match=(all|any)|environment=(live|any)");

  private static final List<String> SCRAPS =
      List.of(
          """
          permission= read:users write:users match=any environment=any atLeast= workspace= & = % \
          %00 %ff + ; { } [ ] " \\u \\ud800 , : null true 1e999 -0 "key": "checks": "permissions": \
          "anyOf": "ip": "maxAge": Bearer bearer Basic kl_live_ * P1D ::1 \0 \r\n \uFEFF \u200b \
          \ud83d\ude00\
          """
              .split(" ", -1));

  private final Node node = new Node();

  @RepeatedTest(2)
  void nothingIsEverAnsweredWith5xx() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    String secret = node.issue(USUAL.holding("read:users")).secret();
    for (int round = 0; round < ROUNDS; round++) {
      SentRequest request = random(random, secret);
      HttpAnswer answer = node.send(request);
      assertThat(answer.status())
          .as("seed %d, round %d: %s", seed, round, new String(answer.body(), UTF_8))
          .isLessThan(500);
      assertThat(answer.headers().stream().map(HttpAnswer.Header::value))
          .as("seed %d, round %d", seed, round)
          .allMatch(value -> value.matches("[ -~]*"));
    }
  }

  @RepeatedTest(2)
  void aDamagedQueryNeverLeavesACheckOut() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    String secret = node.issue(USUAL.holding("read:users")).secret();
    for (int round = 0; round < ROUNDS; round++) {
      String query = damaged("permission=write:users&match=all&environment=live", random);
      HttpAnswer answer =
          node.send(new SentRequest("GET", "/v1/forward-auth?" + query).bearer(secret));
      if (answer.status() == 200) {
        assertThat(query.split("&", -1))
            .as("seed %d, round %d: %s", seed, round, query)
            .allMatch(pair -> HARMLESS.matcher(pair).matches());
      } else {
        assertThat(answer.status()).as("seed %d, round %d", seed, round).isIn(400, 401, 403);
      }
    }
  }

  private SentRequest random(Random random, String secret) {
    String path =
        List.of("/v1/verify", "/v1/verify/batch", "/v1/forward-auth").get(random.nextInt(3));
    String method = List.of("POST", "POST", "GET", "HEAD", "PUT", "").get(random.nextInt(6));
    boolean withQuery = random.nextInt(3) == 0;
    var request = new SentRequest(method, withQuery ? path + "?" + scraps(random) : path);
    request.with("Content-Type", random.nextInt(9) == 0 ? scraps(random) : "application/json");
    switch (random.nextInt(4)) {
      case 0 -> request.bearer(Node.ROOT_KEY);
      case 1 -> request.bearer(secret);
      case 2 -> request.with("Authorization", damaged("Bearer " + secret, random));
      default -> request.with("X-API-Key", damaged(secret, random));
    }
    if (random.nextInt(8) == 0) {
      request.with("Keyledger-Wait", damaged("PT1S", random));
      request.with("Keyledger-Workspace", scraps(random));
    }
    if (random.nextInt(8) == 0) {
      request.with("Keyledger-At-Least", damaged("A".repeat(32), random));
      request.with("X-Forwarded-For", scraps(random)).from(Node.TRUSTED_PROXY);
    }
    String check =
        """
        {"key":"%s","permissions":{"anyOf":["read:users"],"allOf":[]},"ip":"203.0.113.7",\
        "environment":"any","explain":true,"cacheable":true,"maxAge":"PT5S"}\
        """
            .formatted(secret);
    String body = path.endsWith("batch") ? "{\"checks\":[" + check + "]}" : check;
    byte[] bytes = damaged(body, random).getBytes(UTF_8);
    if (random.nextInt(4) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return request.body(bytes);
  }

  private static String damaged(String text, Random random) {
    var damaged = new StringBuilder(text);
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(damaged.length() + 1);
      switch (random.nextInt(4)) {
        case 0 -> damaged.insert(at, SCRAPS.get(random.nextInt(SCRAPS.size())));
        case 1 -> damaged.delete(at, Math.min(damaged.length(), at + 1 + random.nextInt(8)));
        case 2 -> damaged.insert(at, (char) random.nextInt(0x300));
        default -> damaged.insert(at, damaged.substring(at / 2, at));
      }
    }
    return damaged.isEmpty() ? "?" : damaged.toString();
  }

  private static String scraps(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      text.append(SCRAPS.get(random.nextInt(SCRAPS.size())));
    }
    return text.toString();
  }
}
