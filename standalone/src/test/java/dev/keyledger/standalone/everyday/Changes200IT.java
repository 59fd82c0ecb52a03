package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@Timeout(120)
@ExtendWith(SharedStandalone.class)
class Changes200IT {
  private Issuer issuer;
  private IssuedKey key;

  @BeforeEach
  void keyledger(KeyledgerProcess keyledger) {
    issuer = keyledger.issuer();
    key = issuer.issued("read:users", "read:orders");
  }

  @Test
  void changedPermissionsCountFromTheNextCheckOn() {
    Answer answer =
        issuer.client().put(key.path() + "/permissions", "{\"permissions\": [\"read:carts\"]}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(required("read:carts")).isEqualTo("VALID");
    assertThat(required("read:users")).isEqualTo("INSUFFICIENT_PERMISSIONS");
    JsonNode change = last("PermissionsChanged");
    assertThat(change.path("added").valueStream().map(JsonNode::asString))
        .containsExactly("read:carts");
    assertThat(change.path("removed").valueStream().map(JsonNode::asString))
        .containsExactly("read:orders", "read:users");
  }

  @Test
  void aRestrictionCountsFromTheNextCheckOn() {
    Answer answer =
        issuer
            .client()
            .put(key.path() + "/restrictions", "{\"ipAllowList\": [\"203.0.113.0/24\"]}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("IP_NOT_ALLOWED");
    assertThat(last("RestrictionsChanged").path("ipAllowList").path(0).asString())
        .isEqualTo("203.0.113.0/24");
  }

  @Test
  void aDescriptionChangesWhatIsSaidAndLeavesTheRest() {
    Answer answer = issuer.client().patch(key.path(), "{\"metadata\": {\"team\": \"data\"}}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode decision = issuer.verified(key.secret());
    assertThat(decision.path("code").asString()).isEqualTo("VALID");
    assertThat(decision.path("name").asString()).isEqualTo("Billing");
    assertThat(decision.path("metadata").path("team").asString()).isEqualTo("data");
    last("KeyDescribed");
  }

  @Test
  void nullClearsWhatADescriptionCanDoWithout() {
    Client client = issuer.client();
    client.patch(key.path(), "{\"metadata\": {\"team\": \"data\"}}");

    Answer cleared = client.patch(key.path(), "{\"metadata\": null, \"reason\": null}");

    assertThat(cleared.status()).as(cleared.text()).isEqualTo(200);
    assertThat(cleared.body().path("metadata").isEmpty()).isTrue();
    assertThat(cleared.body().path("name").asString()).isEqualTo("Billing");
    assertProblem(client.patch(key.path(), "{\"name\": null}"), 422, "invalid-field");
  }

  @Test
  void nullIsNothingInAnyOtherCommand() {
    Answer renewed =
        issuer
            .client()
            .post(key.path() + "/renew", "{\"expiresAt\": null, \"lifetime\": \"P100D\"}");
    assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
    assertThat(issuer.client().post(key.path() + "/suspend", "null").status()).isEqualTo(200);
    assertProblem(
        issuer.client().put(key.path() + "/restrictions", "{\"ipAllowList\": null}"),
        422,
        "invalid-field");
    assertProblem(
        issuer.client().put(key.path() + "/restrictions", "{\"ipAllowList\": [null]}"),
        400,
        "bad-request");
  }

  @Test
  void aTransferredKeyIsItsNewOwnersWithTheSameSecret() {
    Answer answer =
        issuer
            .client()
            .post(key.path() + "/transfer", "{\"owner\": {\"type\": \"service\", \"id\": \"x\"}}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode owner = issuer.verified(key.secret()).path("owner");
    assertThat(owner.path("type").asString()).isEqualTo("service");
    assertThat(owner.path("id").asString()).isEqualTo("x");
    last("KeyTransferred");
  }

  @Test
  void aCommandWithoutEffectAddsNoEvent() {
    issuer
        .client()
        .put(key.path() + "/permissions", "{\"permissions\": [\"read:users\", \"read:orders\"]}");
    issuer.client().put(key.path() + "/restrictions", "{\"ipAllowList\": []}");
    issuer.client().patch(key.path(), "{\"name\": \"Billing\"}");
    issuer.client().patch(key.path(), "{}");

    assertThat(issuer.history(key)).hasSize(1);
  }

  private String required(String permission) {
    return issuer
        .verifiedWith(
            "\"key\": \"%s\", \"permissions\": {\"allOf\": [\"%s\"]}"
                .formatted(key.secret(), permission))
        .path("code")
        .asString();
  }

  /** Returns the own fields of the key's last event, which is of that type. */
  private JsonNode last(String type) {
    JsonNode history = issuer.history(key);
    JsonNode last = history.path(history.size() - 1);
    assertThat(last.path("type").asString()).isEqualTo(type);
    return last.path("data");
  }
}
