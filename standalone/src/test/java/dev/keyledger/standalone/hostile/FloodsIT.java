package dev.keyledger.standalone.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A node with low limits, and a source with many invalid requests. Quotas refill by the node's
 * clock meanwhile, so that tests wait for a limit; other tests check that it is exact.
 */
@Timeout(120)
class FloodsIT {
  private static final int SECRETS_BURST = 40;
  private static final int COMMANDS_BURST = 10;
  private static final int FLOODERS = 4;
  private static final int GOOD_CHECKS = 100;

  private static KeyledgerProcess keyledger;

  @BeforeAll
  static void start() {
    keyledger =
        KeyledgerProcess.start(
            Application.STANDALONE,
            Map.of(
                "KEYLEDGER_LIMITS_COMMANDS_PER_CALLER", "1",
                "KEYLEDGER_LIMITS_COMMANDS_PER_WORKSPACE", "2",
                "KEYLEDGER_LIMITS_FAILURES_PER_SOURCE", "1",
                "KEYLEDGER_LIMITS_SECRETS_PER_SOURCE", "4"));
  }

  @AfterAll
  static void end() {
    keyledger.close();
  }

  @Test
  void failingRequestsAreLimitedOnBothPortsAndGoodOnesServed() {
    Issuer issuer = keyledger.issuer();
    IssuedKey key = issuer.issued("read:users");
    for (Port port : Port.values()) {
      Client wrong = keyledger.client(port).bearer("wrong");
      Answer limited = limited(() -> wrong.post("/v1/verify", "{\"key\": \"x\"}"));

      assertThat(limited.body().path("code").asString()).isEqualTo("rate-limited");
      assertThat(Integer.parseInt(limited.header("Retry-After"))).isPositive();
      assertThat(limited.header("RateLimit-Policy")).isEqualTo("\"failures\";q=10;w=10");
      assertThat(limited.header("RateLimit")).startsWith("\"failures\";r=0;t=");
      Answer told =
          until(
              () -> wrong.get("/v1/forward-auth"),
              answer -> !answer.header("Retry-After").isEmpty());
      assertThat(told.status()).isEqualTo(401);
      assertThat(told.body().path("code").asString()).isEqualTo("unauthorized");
      assertThat(keyledger.issuer(port).codeOf(key.secret())).isEqualTo("VALID");
      assertThat(keyledger.client(port).bearer(key.secret()).get("/v1/forward-auth").status())
          .isEqualTo(200);
    }
    Client wrong = keyledger.client().bearer("wrong");
    Client form = wrong.header("Content-Type", "application/x-www-form-urlencoded");
    for (Supplier<Answer> request :
        List.<Supplier<Answer>>of(
            () -> wrong.get(key.path()),
            () -> wrong.post(key.path() + "/revoke", "{}"),
            () -> form.post("/oauth2/introspect", "token=x"))) {
      limited(request);
    }
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
  }

  @Test
  void noGoodKeyIsRefusedBesideAFlood() throws Exception {
    IssuedKey key = keyledger.issuer().issued("read:users");
    long before = keyledger.issuer().verified(key.secret()).path("position").asLong();
    try (var attacks = new Attacks(keyledger)) {
      attacks.wrongCredentials();
      for (int i = 0; i < GOOD_CHECKS; i++) {
        Port port = i % 2 == 0 ? Port.MAIN : Port.FAST;
        assertThat(keyledger.client(port).bearer(key.secret()).get("/v1/forward-auth").status())
            .isEqualTo(200);
        assertThat(keyledger.issuer(port).codeOf(key.secret())).isEqualTo("VALID");
      }
    }
    assertThat(keyledger.issuer().verified(key.secret()).path("position").asLong())
        .as("nothing is written for a miss")
        .isEqualTo(before);
    assertThat(keyledger.output()).doesNotContain("wrong-");
  }

  @Test
  void secretsAreCountedUnlessTheRootKeyReportsThem() {
    String[] many = Stream.generate(() -> "never-seen").limit(SECRETS_BURST).toArray(String[]::new);
    String report = "{\"secrets\": %s}".formatted(Issuer.strings(many));

    Answer limited = limited(() -> keyledger.client().post("/v1/leaks", report));

    assertThat(limited.body().path("code").asString()).isEqualTo("rate-limited");
    assertThat(limited.header("RateLimit-Policy")).isEqualTo("\"secrets\";q=40;w=10");
    Client form = keyledger.client().header("Content-Type", "application/x-www-form-urlencoded");
    limited(() -> oneOfMany(() -> form.post("/oauth2/revoke", "token=never-seen")));
    String operator = keyledger.issuer().issued("keyledger:keys:read").secret();
    limited(() -> keyledger.client().bearer(operator).post("/v1/leaks", report));
    assertThat(keyledger.root().post("/v1/leaks", report).status()).isEqualTo(202);
  }

  @Test
  void commandsAreCountedForEachCallerAndForEachWorkspaceButNotTheRootKeys() {
    Client one = operator("keyledger:keys:issue");
    Client two = operator("keyledger:keys:revoke");
    for (int i = 0; i < COMMANDS_BURST; i++) {
      assertThat(issue(one).status()).isEqualTo(201);
    }
    Answer limited = limited(() -> issue(one));
    assertThat(limited.body().path("code").asString()).isEqualTo("rate-limited");
    assertThat(Integer.parseInt(limited.header("Retry-After"))).isPositive();
    assertThat(limited.header("RateLimit-Policy")).isEqualTo("\"commands\";q=10;w=10");

    String revokeKeys = "/v1/owners/user/nobody/revoke-keys";
    var sent = new AtomicInteger();
    limited =
        limited(() -> {
          sent.incrementAndGet();
          return two.post(revokeKeys, "{}");
        });
    assertThat(sent.get()).as("each counts ten times").isBetween(2, COMMANDS_BURST / 2);
    assertThat(limited.header("RateLimit-Policy")).isEqualTo("\"commands\";q=10;w=10");
    Answer ofAll = limited(() -> issue(operator("keyledger:keys:issue")));
    assertThat(ofAll.header("RateLimit-Policy")).isEqualTo("\"workspace-commands\";q=20;w=10");
    assertThat(issue(keyledger.root()).status()).isEqualTo(201);
  }

  @Test
  void aRevocationOfAllThatDescendsFromAKeyCountsTenTimes() {
    String opened = "{\"workspace\": \"cascade\"}";
    assertThat(keyledger.root().post("/v1/workspaces", opened).status()).isEqualTo(201);
    var issuer = new Issuer(keyledger.root().header("Keyledger-Workspace", "cascade"));
    Client revoker = keyledger.client().bearer(issuer.issued("keyledger:keys:revoke").secret());
    IssuedKey first = issuer.issued("keyledger:keys:issue");
    IssuedKey second = issuer.issued("keyledger:keys:issue");

    assertThat(revoker.post(first.path() + "/revoke?cascade=true", "{}").status()).isEqualTo(200);
    Answer limited = revoker.post(second.path() + "/revoke?cascade=true", "{}");
    assertThat(limited.status()).as(limited.text()).isEqualTo(429);
    assertThat(limited.header("RateLimit-Policy")).isEqualTo("\"commands\";q=10;w=10");
    Client other = keyledger.client().bearer(issuer.issued("keyledger:keys:revoke").secret());
    assertThat(other.post(second.path() + "/revoke", "{}").status()).isEqualTo(200);
    assertThat(other.post(first.path() + "/revoke", "{}").status())
        .as("counts once")
        .isEqualTo(200);
  }

  private static Client operator(String permission) {
    return keyledger.client().bearer(keyledger.issuer().issued(permission).secret());
  }

  private static Answer issue(Client caller) {
    return caller.post("/v1/keys", "{%s}".formatted(Issuer.fields()));
  }

  /** Sends requests at once, because each answer takes time; returns the refused one, if any. */
  private static Answer oneOfMany(Supplier<Answer> request) {
    try (var threads = Executors.newFixedThreadPool(FLOODERS)) {
      List<CompletableFuture<Answer>> sent =
          Stream.generate(() -> CompletableFuture.supplyAsync(request, threads))
              .limit(2 * FLOODERS)
              .toList();
      List<Answer> answers = sent.stream().map(CompletableFuture::join).toList();
      return answers.stream()
          .filter(answer -> answer.status() == 429)
          .findFirst()
          .orElse(answers.getFirst());
    }
  }

  private static Answer limited(Supplier<Answer> request) {
    return until(request, answer -> answer.status() == 429);
  }

  /** Repeats a request faster than the quota refills. */
  private static Answer until(Supplier<Answer> request, Predicate<Answer> wanted) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(request::get, wanted);
  }
}
