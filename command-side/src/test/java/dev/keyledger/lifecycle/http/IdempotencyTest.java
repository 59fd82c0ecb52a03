package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.lifecycle.idempotency.ExpiredAnswers;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header Idempotency-Key over HTTP, on two nodes that share one PostgreSQL. */
@Timeout(120)
class IdempotencyTest {
  private static final String KEYS = "/v1/keys";
  private static final String ISSUE =
      "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"a\"},\"permissions\":[\"read:users\"]}";
  private static final String OTHER = ISSUE.replace("\"n\"", "\"m\"");
  private static final List<String> SAME_HEADERS =
      List.of("Location", "ETag", "Keyledger-Position", "Cache-Control", "Content-Type");

  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final CommandNode twin = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static int count;

  @AfterAll
  static void end() {
    twin.close();
    node.close();
  }

  @Test
  void theSameRequestGetsTheFirstAnswerSecretIncluded() {
    String key = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    long events = events();
    var again = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    var elsewhere = twin.post(KEYS, ISSUE, "Idempotency-Key", key);

    assertThat(first.status()).isEqualTo(201);
    assertThat(first.field("secret")).startsWith("kl_live_");
    assertThat(first.header("Idempotent-Replayed")).isEmpty();
    assertSame(first, again);
    assertSame(first, elsewhere);
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(events()).isEqualTo(events);
  }

  @Test
  void withoutTheHeaderEachRequestIsCarriedOut() {
    assertThat(node.post(KEYS, ISSUE).field("keyId"))
        .isNotEqualTo(node.post(KEYS, ISSUE).field("keyId"));
  }

  @Test
  void theFirstAnswerStaysWhatItWasWhileTheKeyMovesOn() {
    String keyId = issued();
    String key = newKey();
    String path = KEYS + "/" + keyId + "/renew";
    var first = node.post(path, "{\"lifetime\":\"P100D\"}", "Idempotency-Key", key);
    assertThat(node.post(KEYS + "/" + keyId + "/suspend", "{}").status()).isEqualTo(200);

    assertSame(first, node.post(path, "{\"lifetime\":\"P100D\"}", "Idempotency-Key", key));
    assertThat(first.field("status")).isEqualTo("active");
  }

  @Test
  void anAnswerWithoutAnEventIsNotKeptSoThatTheRequestIsDecidedAgain() {
    String keyId = issued();
    String path = KEYS + "/" + keyId + "/suspend";
    assertThat(node.post(path, "{}").status()).isEqualTo(200);
    String key = newKey();
    long kept = kept();
    var first = node.post(path, "{}", "Idempotency-Key", key);
    assertSame(first, twin.post(path, "{}", "Idempotency-Key", key));
    assertThat(kept()).isEqualTo(kept);
    assertThat(node.post(KEYS + "/" + keyId + "/resume", "{}").status()).isEqualTo(200);

    var again = twin.post(path, "{}", "Idempotency-Key", key);
    assertThat(again.field("status")).isEqualTo("suspended");
    assertThat(again.header("Idempotent-Replayed")).isEmpty();
    assertSame(again, node.post(path, "{}", "Idempotency-Key", key));
    assertThat(kept()).isEqualTo(kept + 1);
  }

  @Test
  void anImportThatFailsKeepsNothingAndOneThatDoesNotKeepsLittle() {
    String key = newKey();
    String bad = "{}" + ",{}".repeat(998);
    long kept = kept();
    var failed = node.post(KEYS + "/import", "{\"keys\":[" + bad + "]}", "Idempotency-Key", key);
    assertThat(failed.status()).isEqualTo(200);
    assertThat(failed.text()).hasSizeGreaterThan(300_000);
    assertThat(kept()).isEqualTo(kept);

    String imported = "{\"keys\":[" + withSecret(ISSUE, 4711) + "," + bad + "]}";
    var first = node.post(KEYS + "/import", imported, "Idempotency-Key", key);
    assertThat(first.status()).isEqualTo(200);
    assertThat(kept()).isEqualTo(kept + 1);
    assertThat(ledger.number("SELECT max(octet_length(sealed)) FROM log.idempotency"))
        .isLessThan(16_384);
    assertSame(first, twin.post(KEYS + "/import", imported, "Idempotency-Key", key));
  }

  @Test
  void theKeptBytesOfACallerAreLimited() {
    String kept = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", kept);
    setBytes(StoredAnswer.BYTES_PER_CALLER_MAX - 1);
    assertThat(node.post(KEYS, ISSUE, "Idempotency-Key", newKey()).status()).isEqualTo(201);

    setBytes(StoredAnswer.BYTES_PER_CALLER_MAX);
    var refused = twin.post(KEYS, ISSUE, "Idempotency-Key", newKey());
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.field("code")).isEqualTo("rate-limited");
    assertThat(Long.parseLong(refused.header("Retry-After"))).isBetween(86_000L, 90_000L);
    assertSame(first, node.post(KEYS, ISSUE, "Idempotency-Key", kept));
    assertThat(node.post(KEYS, ISSUE).status()).as("without the header").isEqualTo(201);
    setBytes(0);
    assertThat(node.post(KEYS, ISSUE, "Idempotency-Key", newKey()).status()).isEqualTo(201);
  }

  private static void setBytes(long bytes) {
    ledger.execute(
        "DELETE FROM log.idempotency_usage WHERE hour < date_trunc('hour', now(), 'UTC');"
            + " UPDATE log.idempotency_usage SET bytes = "
            + bytes);
    assertThat(ledger.number("SELECT count(*) FROM log.idempotency_usage")).isEqualTo(1);
  }

  private static String withSecret(String issue, int number) {
    String secret = ",\"secretSha256\":\"%064x\"}".formatted(number);
    return issue.substring(0, issue.length() - 1) + secret;
  }

  private static long kept() {
    return ledger.number("SELECT count(*) FROM log.idempotency");
  }

  @Test
  void anotherRequestWithTheKeyIsRefused() {
    String keyId = issued();
    String key = newKey();
    String renew = KEYS + "/" + keyId + "/renew";
    assertThat(node.post(renew, "{}", "Idempotency-Key", key).status()).isEqualTo(200);

    assertReused(node.post(renew, "{\"lifetime\":\"P80D\"}", "Idempotency-Key", key));
    assertReused(node.post(renew, "{}", "Idempotency-Key", key, "If-Match", "\"2\""));
    assertReused(node.post(KEYS + "/" + keyId + "/suspend", "{}", "Idempotency-Key", key));
    assertReused(twin.send("PATCH", KEYS + "/" + keyId, "{}", "Idempotency-Key", key));
    assertThat(node.post(renew, "", "Idempotency-Key", key).status())
        .as("an empty body counts as {}")
        .isEqualTo(200);
  }

  @Test
  void theReplayComesAfter404AndBefore412And422() {
    String keyId = issued();
    String key = newKey();
    String renew = KEYS + "/" + keyId + "/renew";
    var first = node.post(renew, "{}", "Idempotency-Key", key, "If-Match", "\"1\"");
    assertThat(first.status()).isEqualTo(200);

    assertSame(first, node.post(renew, "{}", "Idempotency-Key", key, "If-Match", "\"1\""));
    String unknown = keyId.substring(0, 8) + new StringBuilder(keyId.substring(8)).reverse();
    assertThat(
            node.post(KEYS + "/" + unknown + "/renew", "{}", "Idempotency-Key", key).field("code"))
        .isEqualTo("not-found");
    assertReused(
        node.post(renew, "{\"reason\":\"" + "x".repeat(501) + "\"}", "Idempotency-Key", key));
    assertThat(node.post(renew, "{\"x\":1}", "Idempotency-Key", key).status()).isEqualTo(400);
    assertThat(node.post(renew, "{}", "Idempotency-Key", key, "Authorization", "Bearer x").status())
        .as("two credentials")
        .isEqualTo(400);
  }

  @Test
  void onlyWhatSucceededIsKept() {
    String keyId = issued();
    String key = newKey();
    String resume = KEYS + "/" + keyId + "/resume";
    assertThat(node.post(resume, "{}", "Idempotency-Key", key).status()).isEqualTo(409);
    assertThat(node.post(KEYS + "/" + keyId + "/suspend", "{}").status()).isEqualTo(200);
    assertThat(node.post(resume, "{}", "Idempotency-Key", key).status()).isEqualTo(200);
  }

  @Test
  void aSecretIsAnsweredAgainUntilItIsDead() {
    String keyId = issued();
    String rotate = KEYS + "/" + keyId + "/rotate";
    String key = newKey();
    var first = node.post(rotate, "{\"overlap\":\"PT0S\"}", "Idempotency-Key", key);
    assertThat(first.field("secret")).startsWith("kl_live_");

    assertThat(node.post(rotate, "{\"overlap\":\"PT1H\"}").status()).isEqualTo(200);
    assertSame(first, node.post(rotate, "{\"overlap\":\"PT0S\"}", "Idempotency-Key", key));

    assertThat(node.post(KEYS + "/" + keyId + "/retire-secret", "{}").status()).isEqualTo(200);
    var dead = node.post(rotate, "{\"overlap\":\"PT0S\"}", "Idempotency-Key", key);
    assertThat(dead.status()).isEqualTo(200);
    assertThat(dead.body().has("secret")).isFalse();
    assertThat(dead.field("generation")).isEqualTo(first.field("generation"));
    assertThat(dead.header("Keyledger-Position")).isEqualTo(first.header("Keyledger-Position"));
  }

  @Test
  void theSecretOfARevokedKeyIsNotAnsweredAgain() {
    String key = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    assertThat(node.post(first.header("Location") + "/revoke", "{}").status()).isEqualTo(200);

    var again = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.body().has("secret")).isFalse();
    assertThat(again.field("status")).isEqualTo("active");
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 256})
  void aKeyOutsideItsLimitsIsMalformed(int length) {
    assertThat(node.post(KEYS, ISSUE, "Idempotency-Key", "k".repeat(length)).status())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 255})
  void aKeyAtItsLimitsIsGood(int length) {
    assertThat(node.post(KEYS, ISSUE, "Idempotency-Key", "k".repeat(length)).status())
        .isEqualTo(201);
  }

  @Test
  void aKeyOfOtherCharactersOrGivenTwiceIsMalformed() {
    String key = newKey();
    assertThat(node.post(KEYS, ISSUE, "Idempotency-Key", key + "\tx").status()).isEqualTo(400);
    assertThat(node.post(KEYS, ISSUE, "Idempotency-Key", key, "Idempotency-Key", newKey()).status())
        .isEqualTo(400);
  }

  @Test
  void aDayLaterTheKeyCanBeUsedAnew() {
    String key = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    ledger.execute("UPDATE log.idempotency SET time = time - interval '86390 seconds'");
    assertSame(first, node.post(KEYS, ISSUE, "Idempotency-Key", key));

    ledger.execute("UPDATE log.idempotency SET time = time - interval '10 seconds'");
    var second = node.post(KEYS, OTHER, "Idempotency-Key", key);
    assertThat(second.status()).isEqualTo(201);
    assertThat(second.field("keyId")).isNotEqualTo(first.field("keyId"));
  }

  @Test
  void oldRecordsAreDeleted() {
    for (int i = 0; i < 3; i++) {
      node.post(KEYS, ISSUE, "Idempotency-Key", newKey());
    }
    ledger.execute("UPDATE log.idempotency SET time = time - interval '1 day'");
    String young = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", young);

    assertThat(node.bean(ExpiredAnswers.class).deleteAll()).isGreaterThanOrEqualTo(3);
    assertThat(ledger.number("SELECT count(*) FROM log.idempotency")).isEqualTo(1);
    assertSame(first, node.post(KEYS, ISSUE, "Idempotency-Key", young));
  }

  @Test
  void aRoundDeletesAllThatIsOldHoweverMuchItIs() {
    ledger.execute(
        """
        INSERT INTO log.idempotency
        SELECT sha256(n::text::bytea), sha256('x'), now() - interval '1 day', 0, 'x'
        FROM generate_series(1, 101500) n
        """);
    assertThat(node.bean(ExpiredAnswers.class).deleteAll()).isGreaterThanOrEqualTo(101_500);
  }

  @Test
  void neitherTheSecretNorTheKeyIsStored() {
    String key = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    String rows = ledger.dump("log.idempotency") + ledger.dump("log.event");
    assertThat(rows)
        .contains("read:users")
        .doesNotContain(key)
        .doesNotContain(first.field("secret"));
  }

  @Test
  void concurrentTwinsMakeOneKey() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    var random = new Random(seed);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 30; round++) {
        String key = newKey();
        long events = events();
        List<Callable<CommandNode.Answer>> callers = new ArrayList<>();
        int twins = 2 + random.nextInt(4);
        for (int i = 0; i < twins; i++) {
          CommandNode one = random.nextBoolean() ? node : twin;
          callers.add(() -> one.post(KEYS, ISSUE, "Idempotency-Key", key));
        }
        CommandNode.Answer made = null;
        for (Future<CommandNode.Answer> future : threads.invokeAll(callers)) {
          CommandNode.Answer answer = future.get();
          if (answer.status() == 409) {
            assertThat(answer.field("code")).isEqualTo("idempotency-in-flight");
            continue;
          }
          made = made == null ? answer : made;
          assertSame(made, answer);
        }
        assertThat(made).isNotNull();
        assertThat(events()).isEqualTo(events + 1);
      }
    }
  }

  @Test
  void concurrentTwinsOfARotationRotateOnce() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 20; round++) {
        String path = KEYS + "/" + issued() + "/rotate";
        String key = newKey();
        var first = threads.submit(() -> node.post(path, "{}", "Idempotency-Key", key));
        var second = threads.submit(() -> twin.post(path, "{}", "Idempotency-Key", key));
        assertThat(first.get().status()).as(first.get().text()).isEqualTo(200);
        assertSame(first.get(), second.get());
        assertThat(first.get().body().path("generation").asInt()).isEqualTo(2);
      }
    }
  }

  @Test
  void aNewPepperFindsTheAnswersOfTheOldOne() {
    String key = newKey();
    String late = newKey();
    var first = node.post(KEYS, ISSUE, "Idempotency-Key", key);
    try (var rotated = new CommandNode(ledger, CommandNode.PEPPER_2 + "," + CommandNode.PEPPER_1)) {
      assertSameBody(first, rotated.post(KEYS, ISSUE, "Idempotency-Key", key));
      assertSameBody(
          rotated.post(KEYS, ISSUE, "Idempotency-Key", late),
          node.post(KEYS, ISSUE, "Idempotency-Key", late));
    }
  }

  private static void assertSame(CommandNode.Answer first, CommandNode.Answer again) {
    assertSameBody(first, again);
    for (String header : SAME_HEADERS) {
      assertThat(again.header(header)).as(header).isEqualTo(first.header(header));
    }
  }

  private static void assertSameBody(CommandNode.Answer first, CommandNode.Answer again) {
    assertThat(again.status()).as(again.text()).isEqualTo(first.status());
    assertThat(again.text()).isEqualTo(first.text());
  }

  private static void assertReused(CommandNode.Answer answer) {
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.field("code")).isEqualTo("idempotency-key-reused");
  }

  private static String issued() {
    return node.post(KEYS, ISSUE).field("keyId");
  }

  private static String newKey() {
    return "the key number " + ++count + " of the tests";
  }

  private static long events() {
    return ledger.number("SELECT position FROM log.log_head");
  }
}
