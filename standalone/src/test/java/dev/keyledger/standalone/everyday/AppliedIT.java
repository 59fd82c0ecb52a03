package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.SharedStandalone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The positions that a single node reports as applied. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class AppliedIT {
  private static final String NOBODYS_TOKEN = "AAAAAAAAAAFDVZvhmQRaxujsigM05EnB";

  private final KeyledgerProcess keyledger;
  private final Client root;
  private final Issuer issuer;

  AppliedIT(KeyledgerProcess keyledger) {
    this.keyledger = keyledger;
    this.root = keyledger.root();
    this.issuer = keyledger.issuer();
  }

  @Test
  void anAwaitedPositionIsInForceAndReported() {
    IssuedKey key = issuer.issued("read:users");
    String plan = "{\"effectiveAt\": \"2099-01-01T00:00:00Z\"}";
    assertReported(root.post(key.path() + "/suspend?wait=applied", plan));
    assertReported(root.post(key.path() + "/cancel-plan?wait=applied", "{}"));
    assertReported(root.post(key.path() + "/suspend?wait=applied", "{}"));
    assertReported(
        root.put(key.path() + "/permissions?wait=applied", "{\"permissions\": [\"read:a\"]}"));
    assertReported(
        root.put(
            key.path() + "/restrictions?wait=applied", "{\"ipAllowList\": [\"203.0.113.0/24\"]}"));
    Answer rotated = root.post(key.path() + "/rotate?wait=applied", "{\"overlap\": \"PT0S\"}");
    assertReported(rotated);
    assertThat(rotated.body().path("secret").asString()).startsWith("kl_live_");
    assertThat(rotated.header("Cache-Control")).isEqualTo("no-store");
    Answer revoked = root.post(key.path() + "/revoke?wait=applied", "{}");
    assertReported(revoked);
    assertThat(revoked.header("ETag")).isEqualTo("\"8\"");

    JsonNode applied = applied(root, revoked.header("Keyledger-Position")).body();
    assertThat(applied.path("appliedEverywhere").asBoolean()).isTrue();
    assertThat(applied.path("receipt").asString()).isEqualTo("report");
    assertThat(applied.path("nodes")).hasSize(1);
    JsonNode node = applied.path("nodes").path(0);
    assertThat(node.path("applied").asBoolean()).isTrue();
    assertThat(node.path("strict").asBoolean()).isFalse();
    assertThat(node.path("appliedAt").asString()).isNotEmpty();
    String name = node.path("node").asString();
    assertThat(name).endsWith(":" + keyledger.uri().getPort());
    assertThat(Metrics.of(keyledger).sum("keyledger_node", "node=\"" + name + "\"")).isEqualTo(1);
    assertThat(keyledger.root().get("/actuator/health/readiness").text()).contains(name);
  }

  @Test
  void theKeysOfAnOwnerAreWaitedForTogether() {
    issuer.issuedFrom(
        "{\"name\": \"n\", \"owner\": {\"type\": \"user\", \"id\": \"awaited\"},"
            + " \"permissions\": []}");
    Answer revoked = root.post("/v1/owners/user/awaited/revoke-keys?wait=applied", "{}");
    assertReported(revoked);
    assertThat(revoked.body().path("revoked")).hasSize(1);
  }

  @Test
  void aRepeatedCommandIsAnsweredAsBeforeWithAndWithoutAWait() {
    IssuedKey key = issuer.issued("read:users");
    Client once = root.header("Idempotency-Key", "wait-" + key.id());
    Answer first = once.post(key.path() + "/suspend", "{}");
    assertThat(first.header("Keyledger-Receipt")).isEmpty();
    Answer again = once.post(key.path() + "/suspend?wait=applied", "{}");
    assertReported(again);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
  }

  @Test
  void onlyWhatTakesEffectOnChecksCanBeWaitedForAndInOneWay() {
    IssuedKey key = issuer.issued("read:users");
    assertWrongField(
        root.post(key.path() + "/revoke?wait=everywhere", "{}"), 400, "bad-request", "wait");
    assertWrongField(
        root.post(key.path() + "/revoke?wait=applied&wait=applied", "{}"),
        400,
        "bad-request",
        "wait");
    assertWrongField(root.post(key.path() + "/revoke?wait=", "{}"), 400, "bad-request", "wait");
    assertWrongField(
        root.header("Keyledger-Wait", "PT10.001S").post(key.path() + "/revoke?wait=applied", "{}"),
        400,
        "bad-request",
        "Keyledger-Wait");
    for (String command : new String[] {"renew", "resume", "retire-secret", "transfer"}) {
      assertProblem(
          root.post(key.path() + "/" + command + "?wait=applied", "{}"), 400, "bad-request");
    }
    assertProblem(root.patch(key.path() + "?wait=applied", "{}"), 400, "bad-request");
    assertProblem(root.get(key.path() + "?wait=applied"), 400, "bad-request");
    String token = key.answer().header("Keyledger-Position");
    assertProblem(root.get("/v1/positions/" + token + "/applied?wait=applied"), 400, "bad-request");
    assertThat(issuer.history(key)).hasSize(1);
  }

  @Test
  void onlyTokensOfThisStoreAreKnownAndOnlyToAuditors() {
    assertProblem(applied(root, NOBODYS_TOKEN), 400, "invalid-position-token");
    assertProblem(applied(root, "x"), 400, "invalid-position-token");
    IssuedKey reader = issuer.issued("keyledger:keys:read");
    String token = reader.answer().header("Keyledger-Position");
    assertProblem(applied(keyledger.client(), token), 401, "unauthorized");
    assertProblem(applied(keyledger.client().bearer(reader.secret()), token), 403, "forbidden");
    Client auditor = keyledger.client().bearer(issuer.issued("keyledger:audit:read").secret());
    assertThat(applied(auditor, token).status()).isEqualTo(200);
  }

  private static Answer applied(Client client, String token) {
    return client.get("/v1/positions/" + token + "/applied");
  }

  private static void assertReported(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Keyledger-Receipt")).isEqualTo("report");
    assertThat(answer.body().has("notAppliedBy")).isFalse();
  }
}
