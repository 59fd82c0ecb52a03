package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code POST /v1/keys/{keyId}/revoke?cascade=true} over HTTP. */
@Timeout(120)
class RevokeDescentTest {
  private static final String[] MAY_ISSUE = {
    "keyledger:keys:issue", "keyledger:keys:import", "keyledger:keys:revoke"
  };

  /**
   * The lifetimes: each key lives a minute less than the one before, because an operator must not
   * outlive its issuer.
   */
  private static final AtomicInteger lifetimeMinutes = new AtomicInteger(40_000);

  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);

  @AfterAll
  static void end() {
    node.close();
  }

  private record Issued(String keyId, String secret) {}

  @Test
  void everyKeyThatDescendsIsRevokedInOneAppendAndNoOther() {
    Issued root = issued(null, MAY_ISSUE);
    Issued first = issued(root, MAY_ISSUE);
    Issued customers = issued(first);
    Issued second = issued(first, MAY_ISSUE);
    Issued grandchild = issued(second);
    Issued dead = issued(first, MAY_ISSUE);
    Issued ofTheDead = issued(dead);
    post(dead.keyId, "");
    Issued sibling = issued(root);
    long before = events();

    var answer =
        node.post(path(first.keyId) + "?cascade=true", "{\"revocationReason\":\"leaked\"}");
    assertThat(answer.revoked())
        .containsExactlyInAnyOrder(
            customers.keyId, second.keyId, grandchild.keyId, ofTheDead.keyId);
    assertThat(answer.field("keyId")).isEqualTo(first.keyId);
    assertThat(answer.field("status")).isEqualTo("revoked");
    assertThat(answer.header("ETag")).isEqualTo("\"2\"");
    assertThat(answer.body().has("more")).isFalse();
    assertThat(events()).isEqualTo(before + 5);
    assertThat(
            ledger.number("SELECT count(DISTINCT time) FROM log.event WHERE position > " + before))
        .as("appends")
        .isEqualTo(1);

    for (Issued key : List.of(customers, second, grandchild, ofTheDead)) {
      var again = post(key.keyId, "");
      assertThat(again.field("revocationReason")).isEqualTo("leaked");
      assertThat(again.field("version")).isEqualTo("2");
    }
    assertThat(post(sibling.keyId, "").field("version")).as("was not revoked").isEqualTo("2");
    assertThat(ledger.number("SELECT position FROM log.log_head")).isEqualTo(before + 6);
  }

  @Test
  void withoutCascadeNothingElseIsRevoked() {
    Issued operator = issued(null, MAY_ISSUE);
    Issued child = issued(operator);
    var answer = post(operator.keyId, "?cascade=false");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().has("revoked")).isFalse();
    assertThat(post(operator.keyId, "").body().has("revoked")).isFalse();

    assertThat(post(operator.keyId, "?cascade=true").revoked())
        .as("it may follow the revocation of the operator alone")
        .containsExactly(child.keyId);
  }

  @Test
  void aKeyWithoutDescendantsIsRevokedAlone() {
    Issued key = issued(null);
    assertThat(post(key.keyId, "?cascade=true").revoked()).isEmpty();
    assertThat(post(key.keyId, "?cascade=true").text()).contains("\"revoked\":[]");
  }

  @Test
  void anInvalidRequestIsRefusedAndNothingIsRevoked() {
    Issued operator = issued(null, MAY_ISSUE);
    Issued child = issued(operator);
    long before = events();
    assertThat(post(operator.keyId, "?cascade=yes").status()).isEqualTo(400);
    assertThat(post(operator.keyId, "?cascade=").status()).isEqualTo(400);
    assertThat(post("key_01k0000000000000000000000x", "?cascade=true").status()).isEqualTo(404);
    String path = path(operator.keyId) + "?cascade=true";
    assertThat(node.post(path, "{}", "If-Match", "\"7\"").status()).isEqualTo(412);
    assertThat(node.post(path, "{}", "Keyledger-Workspace", "other").status()).isEqualTo(404);
    assertThat(node.post(path, "{\"revocationReason\":\"because\"}").status()).isEqualTo(422);
    assertThat(events()).isEqualTo(before);

    assertThat(node.post(path, "{}", "If-Match", "\"1\"").revoked()).containsExactly(child.keyId);
  }

  @Test
  void aRepeatedRequestGetsTheFirstAnswerAndIsAnotherThanOneWithoutCascade() {
    Issued operator = issued(null, MAY_ISSUE);
    Issued child = issued(operator);
    String idempotencyKey = "the cascade of the tests";
    String path = path(operator.keyId);
    var first = node.post(path + "?cascade=true", "{}", "Idempotency-Key", idempotencyKey);
    assertThat(first.revoked()).containsExactly(child.keyId);

    var again = node.post(path + "?cascade=true", "{}", "Idempotency-Key", idempotencyKey);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Keyledger-Position")).isEqualTo(first.header("Keyledger-Position"));
    assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(node.post(path, "{}", "Idempotency-Key", idempotencyKey).status()).isEqualTo(422);
  }

  @Test
  void aDescendantRevokedBeforeItsImportIsLeftOut() {
    Issued operator = issued(null, MAY_ISSUE);
    for (int i = 0; i < 2; i++) {
      imported(operator, 600, ",\"revokedAt\":\"2020-01-01T00:00:00Z\"");
    }
    List<String> living = imported(operator, 1);

    var answer = post(operator.keyId, "?cascade=true");
    assertThat(answer.revoked()).isEqualTo(living);
    assertThat(answer.body().has("more")).isFalse();
  }

  @Test
  void aThousandKeysAreRevokedByOneRequestAndTheRestByTheNext() {
    Issued operator = issued(null, MAY_ISSUE);
    var descendants = new ArrayList<>(imported(operator, 1000));
    Issued last = issued(operator, MAY_ISSUE);
    descendants.add(last.keyId);
    descendants.addAll(imported(last, 999));
    long before = events();
    var revoked = new ArrayList<String>();

    var first = post(operator.keyId, "?cascade=true");
    revoked.addAll(first.revoked());
    assertThat(revoked).hasSize(999);
    assertThat(first.body().path("more").asBoolean()).isTrue();
    assertThat(events()).isEqualTo(before + 1000);

    var second = post(operator.keyId, "?cascade=true");
    revoked.addAll(second.revoked());
    assertThat(revoked).hasSize(1999);
    assertThat(second.body().path("more").asBoolean()).isTrue();
    assertThat(events()).isEqualTo(before + 2000);

    var third = post(operator.keyId, "?cascade=true");
    revoked.addAll(third.revoked());
    assertThat(third.body().has("more")).isFalse();
    assertThat(revoked).containsExactlyInAnyOrderElementsOf(descendants);
  }

  @Test
  void anOperatorMayRevokeOnlyWithThePermissionTo() {
    Issued operator = issued(null, MAY_ISSUE);
    Issued child = issued(operator, "keyledger:keys:issue");
    String path = path(child.keyId) + "?cascade=true";
    assertThat(node.postAs(child.secret, path, "{}").status()).isEqualTo(403);
    assertThat(node.postAs(operator.secret, path, "{}").status()).isEqualTo(200);
  }

  private static CommandNode.Answer post(String keyId, String query) {
    return node.post(path(keyId) + query, "{}");
  }

  private static String path(String keyId) {
    return "/v1/keys/" + keyId + "/revoke";
  }

  /**
   * @param operator the issuer of the key; null: the root key
   */
  private static Issued issued(@Nullable Issued operator, String... permissions) {
    var answer =
        operator == null
            ? node.post("/v1/keys", key(permissions) + "}")
            : node.postAs(
                operator.secret,
                "/v1/keys",
                key(permissions)
                    + ",\"lifetime\":\"PT%dM\"}".formatted(lifetimeMinutes.decrementAndGet()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return new Issued(answer.field("keyId"), answer.field("secret"));
  }

  private static List<String> imported(Issued operator, int keys) {
    return imported(operator, keys, "");
  }

  private static List<String> imported(Issued operator, int keys, String more) {
    return node.importedAs(operator.secret, key() + more + "}", events(), keys);
  }

  private static String key(String... permissions) {
    String all =
        IntStream.range(0, permissions.length)
            .mapToObj(i -> "\"" + permissions[i] + "\"")
            .collect(Collectors.joining(","));
    return "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"a\"},\"permissions\":["
        + all
        + "]";
  }

  private static long events() {
    return ledger.number("SELECT position FROM log.log_head");
  }
}
