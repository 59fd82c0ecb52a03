package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/keys/import} over HTTP. */
@Timeout(120)
class KeyImportTest {
  private static final String IMPORT = "/v1/keys/import";
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final long SEED = System.nanoTime();
  private static final Random random = new Random(SEED);

  static {
    System.out.println("seed " + SEED);
  }

  @AfterAll
  static void end() {
    node.close();
  }

  @Test
  void eachEntryGetsItsOwnOutcomeInOrder() {
    var answer =
        imported(
            entry(digest()),
            entry(digest()).replace("\"read:users\"", "\"Not:A permission\""),
            entry("abc"),
            entry(digest()).replace("\"name\":\"n\",", ""),
            entry(digest()).replace("\"name\"", "\"lifetime\":\"P9999D\",\"name\""),
            entry(digest()));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(codes(answer))
        .containsExactly(
            "", "invalid-field", "invalid-field", "invalid-field", "lifetime-not-allowed", "");
    JsonNode problem = answer.body().path("results").get(1).path("problem");
    assertThat(problem.path("status").asInt()).isEqualTo(422);
    assertThat(problem.path("requestId").asString()).isNotEmpty();
    assertThat(problem.path("errors").get(0).path("field").asString()).isEqualTo("permissions");
    assertThat(answer.body().path("results").get(1).has("keyId")).isFalse();
  }

  @Test
  void theWholeBatchIsOneAppend() {
    var answer = imported(entry(digest()), entry(digest()), entry(digest()));
    assertThat(
            ledger.number(
                "SELECT count(DISTINCT time) FROM log.event WHERE stream_id IN (%s)"
                    .formatted(
                        keyIds(answer).stream()
                            .map(id -> "'" + id + "'")
                            .collect(Collectors.joining(",")))))
        .isEqualTo(1);
    assertThat(answer.header("Keyledger-Position")).hasSize(32);
  }

  @Test
  void ofEntriesWithOneSecretTheFirstGoodOneWins() {
    String digest = digest();
    var answer =
        imported(
            entry(digest).replace("\"n\"", "\"\""),
            entry(digest),
            entry(digest.toUpperCase(java.util.Locale.ROOT)));
    assertThat(codes(answer)).containsExactly("invalid-field", "", "digest-already-known");
  }

  @Test
  void aKnownSecretIsRefusedAmongDeadKeysToo() {
    String dead = digest();
    String keyId = keyIds(imported(entry(dead))).getFirst();
    assertThat(node.post("/v1/keys/" + keyId + "/revoke", "{}").status()).isEqualTo(200);

    assertThat(codes(imported(entry(dead), entry(digest()))))
        .containsExactly("digest-already-known", "");
    assertThat(node.post("/v1/keys", entry(dead)).field("code")).isEqualTo("digest-already-known");
  }

  @Test
  void aSecretThatWasIssuedHereIsRefused() throws Exception {
    var issued = node.post("/v1/keys", entry(digest()).replaceAll(",\"secretSha256\":.*", "}"));
    String sha256 =
        HexFormat.of()
            .formatHex(
                java.security.MessageDigest.getInstance("SHA-256")
                    .digest(
                        issued
                            .field("secret")
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    assertThat(codes(imported(entry(sha256)))).containsExactly("digest-already-known");
    assertThat(node.post("/v1/keys", entry(sha256)).field("code"))
        .isEqualTo("digest-already-known");
  }

  @Test
  void aSecretKnownUnderAnOldPepperIsRefused() {
    String old = digest();
    imported(entry(old));
    try (var rotated = new CommandNode(ledger, CommandNode.PEPPER_2 + "," + CommandNode.PEPPER_1)) {
      var answer = rotated.post(IMPORT, "{\"keys\":[" + entry(old) + "]}");
      assertThat(codes(answer)).containsExactly("digest-already-known");
      assertThat(rotated.post("/v1/keys", entry(old)).field("code"))
          .isEqualTo("digest-already-known");
    }
  }

  @Test
  void aThousandKeysAreTakenInAndOneMoreIsNot() {
    String[] most = IntStream.range(0, 1000).mapToObj(_ -> entry(digest())).toArray(String[]::new);
    long before = events();
    assertThat(keyIds(imported(most))).hasSize(1000).doesNotHaveDuplicates();
    assertThat(events()).isEqualTo(before + 1000);

    String[] more = IntStream.range(0, 1001).mapToObj(_ -> entry(digest())).toArray(String[]::new);
    assertThat(imported(more).status()).isEqualTo(422);
    assertThat(node.post(IMPORT, "{\"keys\":[]}").status()).isEqualTo(422);
    assertThat(node.post(IMPORT, "{}").status()).isEqualTo(422);
    assertThat(events()).isEqualTo(before + 1000);
  }

  @Test
  void aBodyMayHaveOneMebibyteAndNoByteMore() {
    String body = "{\"keys\":[" + entry(digest()) + "]}";
    assertThat(node.post(IMPORT, body + " ".repeat(1024 * 1024 - body.length())).status())
        .isEqualTo(200);
    assertThat(node.post(IMPORT, body + " ".repeat(1024 * 1024 + 1 - body.length())).status())
        .isEqualTo(413);
  }

  @Test
  void aBodyThatCannotBeReadIsRefusedAsAWhole() {
    assertThat(imported(entry(digest()).replace("\"name\"", "\"x\":1,\"name\"")).status())
        .isEqualTo(400);
  }

  @Test
  void aRepeatedImportGetsTheFirstAnswer() {
    String body = "{\"keys\":[" + entry(digest()) + "," + entry("x") + "," + entry(digest()) + "]}";
    var first = node.post(IMPORT, body, "Idempotency-Key", "the import of the tests");
    long events = events();
    var again = node.post(IMPORT, body, "Idempotency-Key", "the import of the tests");
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Keyledger-Position")).isEqualTo(first.header("Keyledger-Position"));
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(events()).isEqualTo(events);
  }

  @Test
  void anImportThatTakesNothingInIsDecidedAgain() {
    String body = "{\"keys\":[" + entry("x") + "]}";
    var first = node.post(IMPORT, body, "Idempotency-Key", "the empty import of the tests");
    var again = node.post(IMPORT, body, "Idempotency-Key", "the empty import of the tests");
    assertThat(first.status()).isEqualTo(200);
    assertThat(codes(again)).isEqualTo(codes(first)).containsExactly("invalid-field");
    assertThat(again.header("Idempotent-Replayed")).isEmpty();
  }

  @Test
  void ofConcurrentImportsEachSecretIsTakenInOnce() throws Exception {
    for (int round = 0; round < 10; round++) {
      List<String> digests = IntStream.range(0, 20).mapToObj(_ -> digest()).toList();
      Callable<CommandNode.Answer> half =
          () ->
              imported(
                  digests.subList(0, 12).stream().map(KeyImportTest::entry).toArray(String[]::new));
      Callable<CommandNode.Answer> otherHalf =
          () ->
              imported(
                  digests.subList(8, 20).stream().map(KeyImportTest::entry).toArray(String[]::new));
      long before = events();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var answers = threads.invokeAll(List.of(half, otherHalf));
        int taken = 0;
        for (var answer : answers) {
          assertThat(answer.get().status()).isEqualTo(200);
          assertThat(codes(answer.get())).isSubsetOf("", "digest-already-known");
          taken += (int) codes(answer.get()).stream().filter(String::isEmpty).count();
        }
        assertThat(taken).isEqualTo(20);
      }
      assertThat(events()).isEqualTo(before + 20);
    }
  }

  private static CommandNode.Answer imported(String... entries) {
    return node.post(IMPORT, "{\"keys\":[" + String.join(",", entries) + "]}");
  }

  private static List<String> codes(CommandNode.Answer answer) {
    return answer
        .body()
        .path("results")
        .valueStream()
        .map(result -> result.path("problem").path("code").asString(""))
        .toList();
  }

  private static List<String> keyIds(CommandNode.Answer answer) {
    return answer
        .body()
        .path("results")
        .valueStream()
        .map(result -> result.path("keyId").asString())
        .toList();
  }

  private static String entry(String digest) {
    return "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"a\"},\"permissions\":[\"read:users\"],"
        + "\"secretSha256\":\""
        + digest
        + "\"}";
  }

  private static String digest() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static long events() {
    return ledger.number("SELECT position FROM log.log_head");
  }
}
