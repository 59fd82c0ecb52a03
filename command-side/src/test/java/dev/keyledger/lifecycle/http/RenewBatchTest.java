package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/keys/renew-batch} over HTTP. */
@Timeout(120)
class RenewBatchTest {
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final String UNKNOWN = "key_01k0000000000000000000000x";

  @AfterAll
  static void end() {
    node.close();
  }

  @Test
  void eachKeyHasItsOwnResultInOrder() {
    String good = issued("read:users");
    String revoked = issued("read:users");
    String other = issued("read:users");
    node.post("/v1/keys/" + revoked + "/revoke", "{}");
    long before = events();
    CommandNode.Answer answer =
        renewed(
            "\"lifetime\":\"P300D\",\"reason\":\"quarterly\"",
            good,
            revoked,
            UNKNOWN,
            "no-key",
            other);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Keyledger-Position")).hasSize(32);
    assertThat(codes(answer)).containsExactly("", "key-revoked", "not-found", "not-found", "");
    JsonNode first = answer.body().at("/results/0");
    assertThat(first.path("keyId").asString()).isEqualTo(good);
    assertThat(first.has("renewableUntil")).isTrue();
    assertThat(events()).isEqualTo(before + 2);
    CommandNode.Answer key = node.post("/v1/keys/" + good + "/suspend", "{}");
    assertThat(key.field("expiresAt")).isEqualTo(first.path("expiresAt").asString());
    assertThat(key.field("version")).isEqualTo("3");
  }

  @Test
  void aDryRunAnswersTheSameAndChangesNothing() {
    String key = issued("read:users");
    Instant inHalfAYear = Instant.now().plus(Duration.ofDays(200)).truncatedTo(ChronoUnit.MILLIS);
    String expiry = "\"expiresAt\":\"" + inHalfAYear + "\"";
    long before = events();
    CommandNode.Answer dry = renewed(expiry + ",\"dryRun\":true", key, UNKNOWN);
    assertThat(codes(dry)).containsExactly("", "not-found");
    assertThat(events()).isEqualTo(before);
    CommandNode.Answer real = renewed(expiry, key);
    assertThat(real.body().at("/results/0")).isEqualTo(dry.body().at("/results/0"));
    assertThat(events()).isEqualTo(before + 1);
    assertThat(codes(renewed(expiry, key))).containsExactly("");
    assertThat(events()).as("the same expiry adds no event").isEqualTo(before + 1);
  }

  @Test
  void anEarlierExpiryMustBeAllowed() {
    String key = issued("read:users");
    assertThat(codes(renewed("\"lifetime\":\"P1D\"", key))).containsExactly("expiry-would-shorten");
    assertThat(codes(renewed("\"lifetime\":\"P1D\",\"allowShorter\":true", key)))
        .containsExactly("");
    assertThat(codes(renewed("\"lifetime\":\"P367D\"", key)))
        .containsExactly("lifetime-not-allowed");
  }

  @Test
  void theCeilingOfTheCallerHoldsForEachKey() {
    String operator =
        node.post("/v1/keys", body("\"keyledger:keys:renew\",\"keyledger:grant:read:users\""))
            .field("secret");
    String covered = issued("read:users");
    String stronger = issued("write:users");
    CommandNode.Answer answer =
        node.postAs(
            operator,
            "/v1/keys/renew-batch",
            "{\"lifetime\":\"P200D\",\"keyIds\":[\"%s\",\"%s\"]}".formatted(covered, stronger));
    assertThat(codes(answer)).containsExactly("", "permission-ceiling");
  }

  @Test
  void oneToAThousandKeysAreNamedOnce() {
    String key = issued("read:users");
    assertThat(renewed("\"lifetime\":\"P200D\"").status()).isEqualTo(422);
    assertThat(renewed("\"lifetime\":\"P200D\"", key, key).status()).isEqualTo(422);
    List<String> keys = new ArrayList<>(Collections.nCopies(1000, ""));
    keys.replaceAll(_ -> "key_" + UUID.randomUUID());
    assertThat(renewed("\"dryRun\":true", keys.toArray(String[]::new)).body().path("results"))
        .hasSize(1000);
    keys.add(key);
    assertThat(renewed("\"dryRun\":true", keys.toArray(String[]::new)).status()).isEqualTo(422);
    assertThat(node.post("/v1/keys/renew-batch", "{}").status()).isEqualTo(422);
    assertThat(renewed("\"lifetime\":\"P1D\",\"expiresAt\":\"never\"", key).status())
        .isEqualTo(422);
  }

  @Test
  void aRepeatedRequestGetsTheFirstAnswer() {
    String key = issued("read:users");
    String body = "{\"lifetime\":\"P300D\",\"keyIds\":[\"%s\"]}".formatted(key);
    String idempotencyKey = UUID.randomUUID().toString();
    CommandNode.Answer first =
        node.post("/v1/keys/renew-batch", body, "Idempotency-Key", idempotencyKey);
    long before = events();
    CommandNode.Answer again =
        node.post("/v1/keys/renew-batch", body, "Idempotency-Key", idempotencyKey);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(events()).isEqualTo(before);
  }

  @Test
  void commandsAboutNoSingleKeyRefuseIfMatch() {
    for (String path :
        List.of("/v1/keys", "/v1/keys/import", "/v1/keys/renew-batch", "/v1/workspaces")) {
      CommandNode.Answer answer = node.post(path, "{}", "If-Match", "\"1\"");
      assertThat(answer.status()).as(path).isEqualTo(400);
    }
    assertThat(node.post("/v1/owners/app/nobody/revoke-keys", "{}", "If-Match", "*").status())
        .isEqualTo(400);
  }

  private static CommandNode.Answer renewed(String fields, String... keyIds) {
    String ids = keyIds.length == 0 ? "" : "\"" + String.join("\",\"", keyIds) + "\"";
    return node.post("/v1/keys/renew-batch", "{%s,\"keyIds\":[%s]}".formatted(fields, ids));
  }

  private static List<String> codes(CommandNode.Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer
        .body()
        .path("results")
        .valueStream()
        .map(result -> result.at("/problem/code").asString(""))
        .toList();
  }

  private static String issued(String permission) {
    return node.post("/v1/keys", body("\"" + permission + "\"")).field("keyId");
  }

  private static String body(String permissions) {
    return "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"a\"},\"permissions\":[%s]}"
        .formatted(permissions);
  }

  private static long events() {
    return ledger.number("SELECT position FROM log.log_head");
  }
}
