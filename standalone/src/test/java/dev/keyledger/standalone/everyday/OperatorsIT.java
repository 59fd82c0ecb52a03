package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Operators: Keyledger's own keys with rights on Keyledger itself, and their limits; {@code
 * MatrixIT} has the rights for each operation.
 */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class OperatorsIT {
  private static final String NO_SUCH_KEY = "key_01k0000000000000000000000x";

  @Test
  void commandsOfAnOperatorAreRecordedAsTheirs(KeyledgerProcess keyledger) {
    IssuedKey operator =
        keyledger.issuer().issued("keyledger:keys:issue", "keyledger:grant:read:*");
    Issuer issuer = new Issuer(keyledger.client().bearer(operator.secret()));

    IssuedKey key = issuer.issued("read:users");

    var entry = keyledger.issuer().history(key).path(0);
    assertThat(entry.path("actor").path("type").asString()).isEqualTo("operator");
    assertThat(entry.path("actor").path("id").asString()).isEqualTo(operator.id());
    assertThat(key.answer().body().path("issuedBy").path("id").asString()).isEqualTo(operator.id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write:users",
        "read:*:*",
        "*:*",
        "keyledger:keys:revoke",
        "keyledger:*",
        "*",
        "read/users",
        "keyledger:self:renew",
        "keyledger:grant:write:users",
        "keyledger:grant:*"
      })
  void anOperatorGrantsOnlyWhatItMayGrant(String permission, KeyledgerProcess keyledger) {
    Client operator =
        operator(
            keyledger,
            "keyledger:keys:issue",
            "keyledger:keys:import",
            "keyledger:keys:change",
            "keyledger:grant:read:users");
    Issuer issuer = new Issuer(operator);
    IssuedKey weak = issuer.issued("read:users");
    String one = "{%s}".formatted(Issuer.fields(permission));

    assertProblem(operator.post("/v1/keys", one), 403, "permission-ceiling");
    assertProblem(
        operator.put(weak.path() + "/permissions", "{\"permissions\":[\"" + permission + "\"]}"),
        403,
        "permission-ceiling");
    Answer imported =
        operator.post(
            "/v1/keys/import",
            "{\"keys\":[{%s,\"secretSha256\":\"%064x\"}]}"
                .formatted(Issuer.fields(permission), System.nanoTime()));
    assertThat(imported.body().at("/results/0/problem/code").asString())
        .as(imported.text())
        .isEqualTo("permission-ceiling");
  }

  @Test
  void anOperatorCannotTakeOverAStrongerKey(KeyledgerProcess keyledger) {
    IssuedKey strong = keyledger.issuer().issued("read:users", "write:users");
    Client operator = operator(keyledger, "keyledger:keys:*", "keyledger:grant:read:users");

    for (String command : new String[] {"rotate", "renew", "resume"}) {
      assertProblem(operator.post(strong.path() + "/" + command, "{}"), 403, "permission-ceiling");
    }
    assertProblem(
        operator.put(strong.path() + "/permissions", "{\"permissions\":[\"read:users\"]}"),
        403,
        "permission-ceiling");
    assertProblem(
        operator.put(strong.path() + "/restrictions", "{\"ipAllowList\":[]}"),
        403,
        "permission-ceiling");
    assertProblem(operator.patch(strong.path(), "{\"name\":\"mine\"}"), 403, "permission-ceiling");
    assertProblem(
        operator.post(strong.path() + "/transfer", "{\"owner\":{\"type\":\"user\",\"id\":\"me\"}}"),
        403,
        "permission-ceiling");
    assertThat(operator.post(strong.path() + "/suspend", "{}").status()).isEqualTo(200);
    assertThat(operator.post(strong.path() + "/revoke", "{}").status()).isEqualTo(200);
  }

  /** Checks a decision that docs/design-decisions.md explains. */
  @Test
  void aCustomersKeyOutlivesTheRightsOfItsIssuerAndIsFoundByIt(KeyledgerProcess keyledger) {
    Issuer root = keyledger.issuer();
    IssuedKey operator = root.issued("keyledger:keys:issue", "keyledger:grant:read:*");
    IssuedKey child = new Issuer(as(keyledger, operator)).issued("read:users");

    String less = "{\"permissions\": [\"keyledger:keys:issue\"]}";
    Answer reduced = keyledger.root().put(operator.path() + "/permissions", less);
    assertThat(reduced.status()).isEqualTo(200);
    String one = "{%s}".formatted(Issuer.fields("read:users"));
    assertProblem(as(keyledger, operator).post("/v1/keys", one), 403, "permission-ceiling");
    assertThat(root.codeOf(child.secret())).isEqualTo("VALID");

    root.done(operator, "revoke", "{}");
    assertProblem(as(keyledger, operator).post("/v1/keys", one), 401, "unauthorized");
    assertThat(root.codeOf(child.secret())).isEqualTo("VALID");
    Client current =
        keyledger.root().header("Keyledger-At-Least", reduced.header("Keyledger-Position"));
    assertThat(idsOf(current.get("/v1/keys?issuedBy=operator:" + operator.id())))
        .containsExactly(child.id());
  }

  @Test
  void anOperatorEndsWithTheOneThatIssuedIt(KeyledgerProcess keyledger) {
    Issuer root = keyledger.issuer();
    String[] rights = {"keyledger:keys:issue", "keyledger:verify", "keyledger:grant:read:users"};
    IssuedKey first = root.issued(rights);
    IssuedKey second = issuedBy(as(keyledger, first), "P30D", rights);
    IssuedKey third = issuedBy(as(keyledger, second), "P20D", rights);
    new Issuer(as(keyledger, third)).issued("read:users");

    root.done(first, "suspend", "{}");
    assertThat(root.codeOf(third.secret())).isEqualTo("ISSUER_INVALID");
    String one = "{%s}".formatted(Issuer.fields("read:users"));
    assertProblem(as(keyledger, third).post("/v1/keys", one), 401, "unauthorized");
    assertProblem(as(keyledger, third).post("/v1/verify", "{\"key\":\"x\"}"), 401, "unauthorized");

    root.done(first, "resume", "{}");
    assertThat(root.codeOf(third.secret())).isEqualTo("VALID");
    new Issuer(as(keyledger, third)).issued("read:users");

    String elsewhere = "{\"ipAllowList\": [\"203.0.113.0/24\"]}";
    assertThat(keyledger.root().put(first.path() + "/restrictions", elsewhere).status())
        .isEqualTo(200);
    assertThat(root.verifiedWith("\"key\": \"%s\"".formatted(third.secret())).path("code"))
        .hasToString("\"ISSUER_INVALID\"");
    assertThat(
            root.verifiedWith("\"key\": \"%s\", \"ip\": \"203.0.113.7\"".formatted(third.secret()))
                .path("code"))
        .hasToString("\"VALID\"");
    assertProblem(as(keyledger, third).post("/v1/keys", one), 401, "unauthorized");
  }

  @Test
  void aWorkspaceMayLetItsOperatorsOutliveTheirIssuers(KeyledgerProcess keyledger) {
    String workspace = "outliving-" + Long.toString(System.nanoTime(), 36);
    Client root = keyledger.root().header("Keyledger-Workspace", workspace);
    Answer opened =
        keyledger
            .root()
            .post(
                "/v1/workspaces",
                "{\"workspace\": \"%s\", \"policy\": {\"operatorsOutliveIssuer\": true}}"
                    .formatted(workspace));
    assertThat(opened.body().at("/policy/operatorsOutliveIssuer").asBoolean())
        .as(opened.text())
        .isTrue();
    IssuedKey first = new Issuer(root).issued("keyledger:keys:issue");
    IssuedKey second = issuedBy(as(keyledger, first), "P30D", "keyledger:keys:issue");
    new Issuer(root).done(first, "revoke", "{}");
    new Issuer(as(keyledger, second)).issued();

    Answer changed =
        keyledger
            .root()
            .patch(
                "/v1/workspaces/" + workspace, "{\"policy\": {\"operatorsOutliveIssuer\": false}}");
    assertThat(changed.body().at("/policy/operatorsOutliveIssuer").toString()).isEqualTo("false");
    String one = "{%s}".formatted(Issuer.fields());
    assertProblem(as(keyledger, second).post("/v1/keys", one), 401, "unauthorized");
  }

  @Test
  void aKeyThatMayRenewItselfIsNoOperators(KeyledgerProcess keyledger) {
    assertRefused(
        keyledger,
        keyledger
            .issuer()
            .issued("read:users", "keyledger:self:renew", "keyledger:self:*")
            .secret());
  }

  @Test
  void aKeyMayRenewAndRotateItself(KeyledgerProcess keyledger) {
    Issuer root = keyledger.issuer();
    IssuedKey operator =
        root.issued("keyledger:keys:issue", "keyledger:self:*", "keyledger:grant:write:users");
    IssuedKey key =
        new Issuer(as(keyledger, operator))
            .issued("write:users", "keyledger:self:renew", "keyledger:self:rotate");
    root.done(operator, "revoke", "{}"); // on which the key does not depend

    Answer renewed = as(keyledger, key).post(key.path() + "/renew", "{\"lifetime\": \"P300D\"}");
    assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
    Client client = as(keyledger, key).header("Idempotency-Key", "rotation of " + key.id());
    Answer rotated = client.post(key.path() + "/rotate", "{}");
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    assertThat(client.post(key.path() + "/rotate", "{}").text()).isEqualTo(rotated.text());
    assertProblem(
        as(keyledger, key).post(key.path() + "/rotate", "{}"), 409, "rotation-in-progress");

    assertThat(root.codeOf(IssuedKey.of(rotated).secret())).isEqualTo("VALID");
    for (int event : new int[] {1, 2}) {
      var actor = root.history(key).path(event).path("actor");
      assertThat(actor.path("type").asString()).isEqualTo("holder");
      assertThat(actor.path("id").asString()).isEqualTo(key.id());
    }
  }

  @Test
  void anOperatorMayRenewItselfWithoutTheCeiling(KeyledgerProcess keyledger) {
    String longer = "{\"lifetime\": \"P300D\"}";
    IssuedKey may = keyledger.issuer().issued("keyledger:keys:renew", "keyledger:self:renew");
    assertThat(as(keyledger, may).post(may.path() + "/renew", longer).status()).isEqualTo(200);
    IssuedKey mayNot = keyledger.issuer().issued("keyledger:keys:renew");
    assertProblem(
        as(keyledger, mayNot).post(mayNot.path() + "/renew", longer), 403, "permission-ceiling");
    assertProblem(
        as(keyledger, may).post(mayNot.path() + "/renew", longer), 403, "permission-ceiling");
  }

  @Test
  void aKeyThatMayRenewItselfMayDoNothingElse(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey key = issuer.issued("read:users", "keyledger:self:renew");
    IssuedKey other = issuer.issued("read:users", "keyledger:self:*");
    Client client = as(keyledger, key);

    assertProblem(client.post(other.path() + "/renew", "{}"), 403, "forbidden");
    assertProblem(client.post("/v1/keys/" + NO_SUCH_KEY + "/renew", "{}"), 403, "forbidden");
    assertProblem(client.post(key.path() + "/rotate", "{}"), 403, "forbidden");
    for (String command : new String[] {"retire-secret", "suspend", "resume", "revoke"}) {
      assertProblem(client.post(key.path() + "/" + command, "{}"), 401, "unauthorized");
    }
    assertProblem(client.get(key.path()), 401, "unauthorized");
    assertProblem(client.patch(key.path(), "{\"name\": \"x\"}"), 401, "unauthorized");
    assertProblem(
        client.put(key.path() + "/permissions", "{\"permissions\": [\"*\"]}"), 401, "unauthorized");
    assertProblem(
        client.header("Keyledger-Workspace", "elsewhere").post(key.path() + "/renew", "{}"),
        403,
        "forbidden");
    assertProblem(
        client.post(key.path() + "/renew", "{\"lifetime\": \"P367D\"}"),
        422,
        "lifetime-not-allowed");

    IssuedKey neither = issuer.issued("*", "read:keyledger:self:renew");
    assertProblem(
        as(keyledger, neither).post(neither.path() + "/renew", "{}"), 401, "unauthorized");
    issuer.done(key, "suspend", "{}");
    assertProblem(client.post(key.path() + "/renew", "{}"), 401, "unauthorized");
    issuer.done(key, "revoke", "{}");
    assertProblem(client.post(key.path() + "/renew", "{}"), 401, "unauthorized");
    assertThat(issuer.history(key)).hasSize(3);
  }

  /**
   * @param lifetime shorter than the operator's: an operator must not outlive its issuer
   */
  private static IssuedKey issuedBy(Client operator, String lifetime, String... permissions) {
    return new Issuer(operator).issuedWith("\"lifetime\": \"%s\"".formatted(lifetime), permissions);
  }

  private static List<String> idsOf(Answer page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    return page.body().path("data").valueStream().map(key -> key.path("keyId").asString()).toList();
  }

  @Test
  void customersKeysAndThoseThatAreNotGoodAreNoCredentials(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    assertRefused(keyledger, issuer.issued("read:users").secret());
    assertRefused(keyledger, issuer.issued("*:*").secret());
    assertRefused(
        keyledger, issuer.issuedWith("\"ipAllowList\":[\"192.0.2.1\"]", "keyledger:*").secret());
    assertRefused(
        keyledger,
        issuer.issuedWith("\"notBefore\":\"%s\"".formatted(inADay()), "keyledger:*").secret());

    IssuedKey operator = issuer.issued("keyledger:*");
    assertThat(as(keyledger, operator).get("/v1/keys").status()).isEqualTo(200);
    IssuedKey rotated = issuer.rotated(operator, "{\"overlap\":\"PT0S\"}");
    assertRefused(keyledger, operator.secret());
    issuer.done(rotated, "suspend", "{}");
    assertRefused(keyledger, rotated.secret());
    issuer.done(rotated, "resume", "{}");
    assertThat(as(keyledger, rotated).get("/v1/keys").status()).isEqualTo(200);
    issuer.done(rotated, "revoke", "{}");
    assertRefused(keyledger, rotated.secret());
  }

  @Test
  void aSecretThatWasImportedMakesNobodyAnOperator(KeyledgerProcess keyledger) throws Exception {
    String secret = "somebody-elses-secret-" + System.nanoTime();
    String sha256 =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.UTF_8)));
    keyledger.issuer().issuedWith("\"secretSha256\":\"" + sha256 + "\"", "keyledger:*");

    assertThat(keyledger.issuer().codeOf(secret)).isEqualTo("VALID");
    assertRefused(keyledger, secret);
  }

  @Test
  void anOperatorMayComeByBasicWhereOAuthLetsThem(KeyledgerProcess keyledger) {
    IssuedKey operator = keyledger.issuer().issued("keyledger:verify");
    Client form = keyledger.client().header("Content-Type", "application/x-www-form-urlencoded");

    assertThat(introspected(form, operator.id(), operator.secret())).isEqualTo(200);
    assertThat(introspected(form, NO_SUCH_KEY, operator.secret())).isEqualTo(401);
  }

  private static int introspected(Client form, String id, String secret) {
    String basic =
        Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8));
    return form.header("Authorization", "Basic " + basic)
        .send("POST", "/oauth2/introspect", BodyPublishers.ofString("token=x"))
        .status();
  }

  private static String inADay() {
    return Instant.now().plus(Duration.ofDays(1)).toString();
  }

  private static void assertRefused(KeyledgerProcess keyledger, String secret) {
    Client client = keyledger.client().bearer(secret);
    assertProblem(client.get("/v1/keys"), 401, "unauthorized");
    assertProblem(client.post("/v1/keys", "{}"), 401, "unauthorized");
    assertProblem(client.post("/v1/verify", "{\"key\":\"x\"}"), 401, "unauthorized");
  }

  private static Client as(KeyledgerProcess keyledger, IssuedKey operator) {
    return keyledger.client().bearer(operator.secret());
  }

  private static Client operator(KeyledgerProcess keyledger, String... permissions) {
    return as(keyledger, keyledger.issuer().issued(permissions));
  }
}
