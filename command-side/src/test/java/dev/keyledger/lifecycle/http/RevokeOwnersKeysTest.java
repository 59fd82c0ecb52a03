package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code POST /v1/owners/{type}/{id}/revoke-keys} over HTTP, on two nodes. */
@Timeout(120)
class RevokeOwnersKeysTest {
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final CommandNode twin = new CommandNode(ledger, CommandNode.PEPPER_1);

  @AfterAll
  static void end() {
    twin.close();
    node.close();
  }

  @Test
  void keysThatAnotherNodeIssuedAMomentAgoAreNotMissed() {
    for (int i = 0; i < 20; i++) {
      String keyId = issued(twin, "moment");
      var answer = revokeAll("moment", "{\"revocationReason\":\"owner-left\"}");
      assertThat(answer.revoked()).containsExactly(keyId);
      assertThat(answer.body().has("more")).isFalse();
      assertThat(answer.header("Keyledger-Position")).hasSize(32);
      var key = node.post("/v1/keys/" + keyId + "/revoke", "{}");
      assertThat(key.field("revocationReason")).isEqualTo("owner-left");
      assertThat(key.field("version")).as("revoked once").isEqualTo("2");
    }
  }

  @Test
  void onlyTheKeysThatTheOwnerHasNowAreRevoked() {
    String stays = issued(node, "giver");
    String given = issued(node, "giver");
    String taken = issued(node, "someone");
    String dead = issued(node, "giver");
    transfer(given, "someone");
    transfer(taken, "giver");
    node.post("/v1/keys/" + dead + "/revoke", "{}");
    node.post("/v1/keys/" + stays + "/suspend", "{}");

    assertThat(revokeAll("giver", "{}").revoked()).containsExactlyInAnyOrder(stays, taken);
    assertThat(revokeAll("giver", "{}").revoked()).isEmpty();
    assertThat(node.post("/v1/keys/" + given + "/suspend", "{}").status()).isEqualTo(200);
  }

  @Test
  void anOwnerWithoutKeysHasNoneToRevoke() {
    var answer = revokeAll("nobody", "{}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{\"revoked\":[]}");
  }

  @Test
  void aMalformedOwnerIsNotFound() {
    assertThat(node.post("/v1/owners/team/a/revoke-keys", "{}").status()).isEqualTo(404);
    assertThat(node.post("/v1/owners/app/%2e%2e/revoke-keys", "{}").status()).isEqualTo(404);
    assertThat(revokeAll("nobody", "{\"revocationReason\":\"because\"}").status()).isEqualTo(422);
    assertThat(revokeAll("nobody", "{\"x\":1}").status()).isEqualTo(400);
  }

  @Test
  void aThousandKeysAreRevokedAtOnceAndTheRestByTheNextCall() {
    importKeysOf("many", 1000);
    importKeysOf("many", 1);
    long before = events();
    var first = revokeAll("many", "{\"reason\":\"all of them\"}");
    assertThat(first.revoked()).hasSize(1000).doesNotHaveDuplicates();
    assertThat(first.body().path("more").asBoolean()).isTrue();
    assertThat(events()).isEqualTo(before + 1000);

    var second = revokeAll("many", "{}");
    assertThat(second.revoked()).hasSize(1);
    assertThat(second.body().has("more")).isFalse();
    importKeysOf("many", 1000);
    var third = revokeAll("many", "{}");
    assertThat(third.revoked()).hasSize(1000);
    assertThat(third.body().has("more")).isFalse();
  }

  @Test
  void keysThatTheOwnerNoLongerHasAreNotCounted() {
    String first = issued(node, "passing");
    List<String> gone = importKeysOf("passing", 1000);
    try (var threads = Executors.newFixedThreadPool(8)) {
      gone.forEach(id -> threads.execute(() -> transfer(id, "receiver")));
    }
    String last = issued(node, "passing");

    var answer = revokeAll("passing", "{}");
    assertThat(answer.revoked()).containsExactlyInAnyOrder(first, last);
    assertThat(answer.body().has("more")).isFalse();
  }

  @Test
  void aRepeatedRevocationGetsTheFirstAnswerAndRevokesNothingNew() {
    String keyId = issued(node, "again");
    String idempotencyKey = "the revocation of the tests";
    String path = "/v1/owners/app/again/revoke-keys";
    var first = node.post(path, "{}", "Idempotency-Key", idempotencyKey);
    String later = issued(node, "again");
    var again = twin.post(path, "{}", "Idempotency-Key", idempotencyKey);

    assertThat(first.revoked()).containsExactly(keyId);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Keyledger-Position")).isEqualTo(first.header("Keyledger-Position"));
    assertThat(revokeAll("again", "{}").revoked()).containsExactly(later);
  }

  @Test
  void keysThatChangeMeanwhileAreRevokedAllTheSame() throws Exception {
    for (int round = 0; round < 5; round++) {
      String owner = "busy" + round;
      List<String> keyIds = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        keyIds.add(issued(node, owner));
      }
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (String keyId : keyIds) {
          var _ = threads.submit(() -> twin.post("/v1/keys/" + keyId + "/suspend", "{}"));
        }
        assertThat(revokeAll(owner, "{}").revoked()).containsExactlyInAnyOrderElementsOf(keyIds);
      }
      assertThat(
              ledger.number(
                  "SELECT count(*) FROM log.event WHERE type = 'KeyRevoked' AND stream_id IN (%s)"
                      .formatted(
                          keyIds.stream()
                              .map(id -> "'" + id + "'")
                              .collect(Collectors.joining(",")))))
          .isEqualTo(5);
    }
  }

  private static CommandNode.Answer revokeAll(String owner, String body) {
    return node.post("/v1/owners/app/" + owner + "/revoke-keys", body);
  }

  private static String issued(CommandNode where, String owner) {
    return where.post("/v1/keys", key(owner) + "}").field("keyId");
  }

  private static List<String> importKeysOf(String owner, int keys) {
    return node.importedAs(null, key(owner) + "}", events(), keys);
  }

  private static void transfer(String keyId, String owner) {
    String body = "{\"owner\":{\"type\":\"app\",\"id\":\"" + owner + "\"}}";
    assertThat(node.post("/v1/keys/" + keyId + "/transfer", body).status()).isEqualTo(200);
  }

  private static String key(String owner) {
    return "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\""
        + owner
        + "\"},\"permissions\":[]";
  }

  private static long events() {
    return ledger.number("SELECT position FROM log.log_head");
  }
}
