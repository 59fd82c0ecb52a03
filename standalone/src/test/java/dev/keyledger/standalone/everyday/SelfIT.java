package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Requests of holders about their own keys, each test in its own workspace. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class SelfIT {
  private KeyledgerProcess keyledger;
  private String workspace;
  private Issuer issuer;

  @BeforeEach
  void openWorkspace(KeyledgerProcess shared) {
    keyledger = shared;
    workspace = "self-" + UUID.randomUUID();
    issuer = new Issuer(shared.root().header("Keyledger-Workspace", workspace));
    String body = "{\"workspace\": \"%s\"}".formatted(workspace);
    assertThat(shared.root().post("/v1/workspaces", body).status()).isEqualTo(201);
  }

  @Test
  void aHolderSeesItsKeyWithoutWhatOperatorsNote() {
    IssuedKey key = issuer.issuedWith("\"metadata\": {\"cost-centre\": \"7\"}", "read:users");
    Answer answer = holder(key).get("/v1/self");

    JsonNode self = ok(answer);
    JsonNode known = issuer.read(key);
    assertThat(answer.header("ETag")).isEqualTo("\"1\"");
    for (String field : List.of("keyId", "name", "owner", "permissions", "expiresAt", "status")) {
      assertThat(self.path(field)).isEqualTo(known.path(field));
    }
    assertThat(self.path("workspace").asString()).isEqualTo(workspace);
    assertThat(self.has("metadata")).isFalse();
    assertThat(self.has("issuedBy")).isFalse();
    assertThat(self.path("renewalDue").asBoolean(true)).isFalse();
    assertThat(self.path("holderMay").isEmpty()).isTrue();
  }

  @Test
  void withoutThePolicyAHolderMayOnlyReadAndRevoke() {
    IssuedKey key = issuer.issued("read:users");
    assertProblem(holder(key).post("/v1/self/renew", "{}"), 403, "forbidden");
    assertProblem(holder(key).post("/v1/self/rotate", "{}"), 403, "forbidden");

    JsonNode revoked =
        ok(holder(key).post("/v1/self/revoke", "{\"revocationReason\": \"no-longer-used\"}"));
    assertThat(revoked.path("status").asString()).isEqualTo("revoked");
    assertThat(revoked.path("revocationReason").asString()).isEqualTo("no-longer-used");
    assertProblem(holder(key).get("/v1/self"), 401, "unauthorized");
    JsonNode last = issuer.history(key).path(1);
    assertThat(last.at("/actor/type").asString()).isEqualTo("holder");
    assertThat(last.at("/actor/id").asString()).isEqualTo(key.id());
  }

  @Test
  void aHolderRenewsWithinThePolicy() {
    allow("renew");
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"P10D\"", "read:users");
    JsonNode before = ok(holder(key).get("/v1/self"));
    assertThat(before.path("renewalDue").asBoolean()).isFalse();
    assertThat(texts(before.path("holderMay"))).containsExactly("renew");

    JsonNode renewed = ok(holder(key).post("/v1/self/renew", "{\"lifetime\": \"P20D\"}"));
    assertThat(Instant.parse(renewed.path("expiresAt").asString()))
        .isAfter(Instant.parse(before.path("expiresAt").asString()));
    assertThat(renewed.path("version").asInt()).isEqualTo(2);
    assertProblem(
        holder(key).post("/v1/self/renew", "{\"lifetime\": \"P1D\"}"), 422, "expiry-would-shorten");
    assertProblem(
        holder(key).post("/v1/self/renew", "{\"lifetime\": \"P367D\"}"),
        422,
        "lifetime-not-allowed");
    assertProblem(
        holder(key).post("/v1/self/renew", "{\"allowShorter\": true}"), 400, "bad-request");
    assertProblem(holder(key).post("/v1/self/rotate", "{}"), 403, "forbidden");
  }

  @Test
  void aHolderRotatesAndTheOldSecretEndsOnlyItself() {
    allow("rotate");
    IssuedKey old = issuer.issued("read:users");
    String idempotencyKey = UUID.randomUUID().toString();
    Client once = holder(old).header("Idempotency-Key", idempotencyKey);
    Answer first = once.post("/v1/self/rotate", "{\"overlap\": \"PT1H\"}");
    IssuedKey young = IssuedKey.of(first);
    assertThat(first.header("Cache-Control")).isEqualTo("no-store");
    assertThat(once.post("/v1/self/rotate", "{\"overlap\": \"PT1H\"}").text())
        .isEqualTo(first.text());
    assertProblem(holder(old).post("/v1/self/rotate", "{}"), 409, "rotation-in-progress");
    assertProblem(
        holder(young).post("/v1/self/rotate", "{\"lifetime\": \"P9D\"}"), 403, "forbidden");

    JsonNode kept = ok(holder(old).post("/v1/self/revoke", "{}"));
    assertThat(kept.path("status").asString()).isEqualTo("active");
    assertThat(kept.has("overlapEndsAt")).isFalse();
    assertProblem(holder(old).get("/v1/self"), 401, "unauthorized");
    assertThat(ok(holder(young).get("/v1/self")).path("generation").asInt()).isEqualTo(2);
  }

  @Test
  void anExpiredKeyIsRenewedOnlyWhereThePolicySaysSo() {
    allow("renew", "rotate");
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    await().until(() -> issuer.codeOf(key.secret()).equals("EXPIRED"));
    assertThat(texts(ok(holder(key).get("/v1/self")).path("holderMay"))).isEmpty();
    assertProblem(holder(key).post("/v1/self/renew", "{}"), 403, "forbidden");
    assertProblem(holder(key).post("/v1/self/rotate", "{}"), 409, "key-expired");
    assertProblem(holder(key).post("/v1/self/rotate", "{\"lifetime\": \"P9D\"}"), 403, "forbidden");

    allow("renew-expired");
    assertThat(texts(ok(holder(key).get("/v1/self")).path("holderMay")))
        .containsExactly("renew-expired");
    Client once = holder(key).header("Idempotency-Key", UUID.randomUUID().toString());
    JsonNode renewed = ok(once.post("/v1/self/renew", "{\"lifetime\": \"P1D\"}"));
    assertThat(ok(once.post("/v1/self/renew", "{\"lifetime\": \"P1D\"}"))).isEqualTo(renewed);
    assertThat(renewed.path("status").asString()).isEqualTo("active");
    assertThat(renewed.path("holderMay").isEmpty()).isTrue();
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
  }

  @Test
  void aKeyThatExpiredTooLongAgoIsUnknown() {
    policy("{\"renewalWindow\": \"PT1S\", \"holderMay\": [\"renew-expired\"]}");
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    await().atMost(Duration.ofSeconds(20)).until(() -> holder(key).get("/v1/self").status() == 401);
    assertProblem(holder(key).post("/v1/self/renew", "{}"), 401, "unauthorized");
    assertProblem(holder(key).post("/v1/self/revoke", "{}"), 401, "unauthorized");
  }

  @Test
  void aSuspendedKeyCanOnlyBeReadAndRevoked() {
    allow("renew", "renew-expired", "rotate");
    IssuedKey key = issuer.issued("read:users");
    issuer.done(key, "suspend", "{}");
    JsonNode self = ok(holder(key).get("/v1/self"));
    assertThat(self.path("status").asString()).isEqualTo("suspended");
    assertThat(self.path("holderMay").isEmpty()).isTrue();
    assertProblem(holder(key).post("/v1/self/renew", "{}"), 403, "forbidden");
    assertProblem(holder(key).post("/v1/self/rotate", "{}"), 403, "forbidden");
    assertThat(ok(holder(key).post("/v1/self/revoke", "{}")).path("status").asString())
        .isEqualTo("revoked");
  }

  @Test
  void anOperatorsKeyNeedsItsOwnPermission() {
    allow("renew", "rotate");
    IssuedKey operator = issuer.issued("keyledger:keys:read");
    assertThat(ok(holder(operator).get("/v1/self")).path("holderMay").isEmpty()).isTrue();
    assertProblem(holder(operator).post("/v1/self/renew", "{}"), 403, "forbidden");
    IssuedKey renewer = issuer.issued("keyledger:keys:read", "keyledger:self:renew");
    assertThat(ok(holder(renewer).post("/v1/self/renew", "{}")).path("version").asInt())
        .isEqualTo(2);
    assertProblem(holder(renewer).post("/v1/self/rotate", "{}"), 403, "forbidden");
  }

  @Test
  void aKeyMayHoldWhatThePolicyDoesNotAllow() {
    IssuedKey key = issuer.issued("read:users", "keyledger:self:*");
    assertThat(texts(ok(holder(key).get("/v1/self")).path("holderMay")))
        .containsExactly("renew", "rotate");
    assertThat(ok(holder(key).post("/v1/self/renew", "{\"lifetime\": \"P200D\"}")).has("keyId"))
        .isTrue();
    assertThat(ok(holder(key).post("/v1/self/rotate", "{}")).has("secret")).isTrue();
  }

  @Test
  void rotatingItselfDoesNotProlongAKey() {
    IssuedKey key = issuer.issued("read:users", "keyledger:self:rotate");
    String path = key.path() + "/rotate";
    assertProblem(holder(key).post(path, "{\"lifetime\": \"P200D\"}"), 403, "forbidden");
    assertProblem(holder(key).post("/v1/self/rotate", "{\"lifetime\": \"P9D\"}"), 403, "forbidden");
    assertThat(ok(holder(key).post(path, "{}")).path("generation").asInt()).isEqualTo(2);
  }

  @Test
  void anImportedKeyIsFoundInItsWorkspaceOnly() throws Exception {
    String secret = "brought-along-" + UUID.randomUUID();
    byte[] sha256 =
        MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII));
    String keys =
        "{\"keys\": [{%s, \"secretSha256\": \"%s\"}]}"
            .formatted(Issuer.fields("read:users"), HexFormat.of().formatHex(sha256));
    assertThat(issuer.client().post("/v1/keys/import", keys).status()).isEqualTo(200);
    Client holder = keyledger.client().bearer(secret);
    assertProblem(holder.get("/v1/self"), 401, "unauthorized");
    assertThat(holder.header("Keyledger-Workspace", workspace).get("/v1/self").status())
        .isEqualTo(200);
  }

  @Test
  void theRootKeySeesItsIdentityAndCannotChangeItself() {
    Client root = keyledger.root();
    JsonNode self = ok(root.get("/v1/self"));
    assertThat(self.propertyNames()).containsExactly("actor", "workspace", "permissions", "policy");
    assertThat(self.path("actor").toString()).isEqualTo("{\"type\":\"root\"}");
    assertThat(self.path("workspace").asString()).isEqualTo("default");
    assertThat(texts(self.path("permissions"))).containsExactly("keyledger:*");
    JsonNode here = ok(root.header("Keyledger-Workspace", workspace).get("/v1/self"));
    assertThat(here.path("workspace").asString()).isEqualTo(workspace);
    assertProblem(root.header("Keyledger-Workspace", "nowhere").get("/v1/self"), 404, "not-found");
    for (String command : List.of("renew", "rotate", "revoke")) {
      assertProblem(root.post("/v1/self/" + command, "{}"), 401, "unauthorized");
    }
    JsonNode operator = ok(holder(issuer.issued("keyledger:keys:read")).get("/v1/self"));
    assertThat(operator.has("actor")).isFalse();
  }

  @Test
  void thePolicyIsShownToThoseItRestricts() {
    policy(
        """
        {"defaultLifetime": "P7D", "maxLifetime": "P45D", "defaultOverlap": "PT2H",
         "allowedPermissions": ["read:*", "keyledger:*"], "holderMay": ["renew"]}
        """);
    String told =
        """
        {"defaultLifetime":"P7D","maxLifetime":"P45D","allowNoExpiry":false,"defaultOverlap":"PT2H"}\
        """;
    String shownToOperators =
        told.replace("}", ",\"allowedPermissions\":[\"read:*\",\"keyledger:*\"]}");
    Client root = keyledger.root().header("Keyledger-Workspace", workspace);
    assertThat(policyShown(root)).isEqualTo(shownToOperators);
    for (String command : List.of("issue", "import", "renew", "rotate", "change", "*")) {
      assertThat(policyShown(holder(issuer.issued("keyledger:keys:" + command))))
          .isEqualTo(shownToOperators);
    }
    for (String other :
        List.of("keys:suspend", "keys:revoke", "keys:read", "audit:read", "verify")) {
      assertThat(ok(holder(issuer.issued("keyledger:" + other)).get("/v1/self")).has("policy"))
          .isFalse();
    }

    IssuedKey key = issuer.issued("read:users");
    assertThat(policyShown(holder(key))).isEqualTo(told);
    allow();
    assertThat(ok(holder(key).get("/v1/self")).has("policy")).isFalse();
  }

  private static String policyShown(Client caller) {
    return ok(caller.get("/v1/self")).path("policy").toString();
  }

  @Test
  void aDeadOrUnknownKeyIsRefused() {
    IssuedKey restricted = issuer.issuedWith("\"ipAllowList\": [\"10.0.0.0/8\"]", "read:users");
    for (Client caller :
        List.of(
            keyledger.client(),
            keyledger.client().bearer("nobody's"),
            holder(restricted),
            holder(issuer.issued("read:users")).header("Keyledger-Workspace", "default"))) {
      assertProblem(caller.get("/v1/self"), 401, "unauthorized");
      assertProblem(caller.post("/v1/self/revoke", "{}"), 401, "unauthorized");
      assertProblem(caller.post("/v1/self/renew", "{"), 401, "unauthorized");
    }
  }

  @Test
  void thePolicyNamesWhatExists() {
    for (String wrong : List.of("[\"revoke\"]", "[\"renew\", \"renew\"]", "[\"\"]")) {
      assertProblem(changed("{\"holderMay\": %s}".formatted(wrong)), 422, "invalid-field");
    }
    allow("rotate", "renew");
    JsonNode policy = ok(keyledger.root().get("/v1/workspaces/" + workspace)).path("policy");
    assertThat(texts(policy.path("holderMay"))).containsExactly("renew", "rotate");
    policy("{\"holderMay\": null}");
    policy = ok(keyledger.root().get("/v1/workspaces/" + workspace)).path("policy");
    assertThat(policy.path("holderMay").isEmpty()).isTrue();
  }

  private Client holder(IssuedKey key) {
    return keyledger.client().bearer(key.secret());
  }

  private void allow(String... actions) {
    policy("{\"holderMay\": %s}".formatted(Issuer.strings(actions)));
  }

  private void policy(String fields) {
    Answer answer = changed(fields);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  private Answer changed(String fields) {
    return keyledger
        .root()
        .patch("/v1/workspaces/" + workspace, "{\"policy\": %s}".formatted(fields));
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }
}
