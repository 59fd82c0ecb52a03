package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tenants: their opening and closing, the limits of their policies, and their isolation. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class WorkspacesIT {
  private static final String PATH = "/v1/workspaces";

  @Test
  void aWorkspaceBeginsChangesAndEnds(KeyledgerProcess keyledger) {
    Client root = keyledger.root();
    String name = name();

    Answer opened = open(root, name, "\"maxLifetime\": \"P100D\"");
    assertThat(opened.header("Location")).isEqualTo(PATH + "/" + name);
    assertThat(opened.header("ETag")).isEqualTo("\"1\"");
    assertThat(opened.body().path("status").asString()).isEqualTo("open");
    assertThat(opened.body().at("/policy/maxLifetime").asString()).isEqualTo("P100D");
    assertThat(opened.body().at("/policy/defaultLifetime").asString()).isEqualTo("P90D");
    assertProblem(
        root.post(PATH, "{\"workspace\": \"%s\"}".formatted(name)), 409, "workspace-exists");

    Client once = root.header("Idempotency-Key", "change-of-" + name + "-0123456789");
    String change = "{\"policy\": {\"maxKeys\": 3}, \"reason\": \"a pilot\"}";
    Answer changed = once.header("If-Match", "\"1\"").patch(PATH + "/" + name, change);
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    assertThat(changed.body().at("/policy/maxKeys").asLong()).isEqualTo(3);
    assertThat(changed.body().at("/policy/maxLifetime").asString()).isEqualTo("P100D");
    Answer again = once.header("If-Match", "\"1\"").patch(PATH + "/" + name, change);
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(again.text()).isEqualTo(changed.text());
    assertProblem(
        root.header("If-Match", "\"1\"").patch(PATH + "/" + name, "{}"), 412, "version-mismatch");

    IssuedKey key = new Issuer(in(root, name)).issued("read:users");
    Answer closed = root.post(PATH + "/" + name + "/close", "{}");
    assertThat(closed.body().path("status").asString()).isEqualTo("closed");
    assertThat(root.post(PATH + "/" + name + "/close", "{}").header("ETag")).isEqualTo("\"3\"");
    assertThat(root.get(PATH + "/" + name).body()).isEqualTo(closed.body());
    assertProblem(root.patch(PATH + "/" + name, change), 409, "workspace-closed");
    assertThat(new Issuer(in(root, name)).codeOf(key.secret())).isEqualTo("NOT_FOUND");
    Client holder = keyledger.client().bearer(key.secret());
    Answer unknown = holder.get("/v1/forward-auth?workspace=no-such-workspace");
    assertThat(unknown.status()).isEqualTo(401);
    assertThat(holder.get("/v1/forward-auth?workspace=" + name).text()).isEqualTo(unknown.text());
    for (String command : List.of("suspend", "rotate", "retire-secret", "renew")) {
      assertProblem(in(root, name).post(key.path() + "/" + command, "{}"), 409, "workspace-closed");
    }
    assertThat(in(root, name).get(key.path()).status()).isEqualTo(200);
    assertThat(in(root, name).get(key.path() + "/history").status()).isEqualTo(200);
  }

  @Test
  void nullSetsAFieldOfThePolicyBackToItsDefault(KeyledgerProcess keyledger) {
    String name = name();
    Client root = keyledger.root();
    open(
        root,
        name,
        "\"maxLifetime\": \"P100D\", \"maxKeys\": 3, \"allowedPermissions\": [\"read:*\"],"
            + "\"reminders\": null");
    String cleared = "{\"policy\": {\"maxLifetime\": null, \"allowedPermissions\": null}}";

    Answer changed = root.patch(PATH + "/" + name, cleared);

    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    assertThat(changed.body().at("/policy/maxLifetime").asString()).isEqualTo("P366D");
    assertThat(changed.body().path("policy").has("allowedPermissions")).isFalse();
    assertThat(changed.body().at("/policy/maxKeys").asLong()).isEqualTo(3);
    assertThat(changed.body().at("/policy/reminders").size()).isEqualTo(3);
    assertProblem(root.patch(PATH + "/" + name, "{\"policy\": null}"), 422, "invalid-field");
  }

  @Test
  void keysOfAClosedOneAreRevokedAsEver(KeyledgerProcess keyledger) {
    String name = name();
    Client root = in(keyledger.root(), name);
    open(keyledger.root(), name, "");
    var issuer = new Issuer(root);
    IssuedKey revoked = issuer.issued("read:users");
    IssuedKey leaked = issuer.issued("read:users");
    IssuedKey ofTheOwner = issuer.issued("read:users");
    assertThat(keyledger.root().post(PATH + "/" + name + "/close", "{}").status()).isEqualTo(200);

    issuer.done(revoked, "revoke", "{}");
    Answer told =
        keyledger.client().post("/v1/leaks", "{\"secret\": \"%s\"}".formatted(leaked.secret()));
    assertThat(told.status()).isEqualTo(202);
    assertThat(issuer.read(leaked).path("revocationReason").asString()).isEqualTo("leaked");
    Answer all = root.post("/v1/owners/app/billing/revoke-keys", "{}");
    assertThat(all.body().at("/revoked/0").asString()).as(all.text()).isEqualTo(ofTheOwner.id());
    for (IssuedKey key : List.of(revoked, leaked, ofTheOwner)) {
      assertThat(issuer.read(key).path("status").asString()).isEqualTo("revoked");
      assertThat(issuer.codeOf(key.secret())).isEqualTo("NOT_FOUND");
    }
  }

  @Test
  void theListHasThemInOrderPageByPage(KeyledgerProcess keyledger) {
    Client root = keyledger.root();
    List<String> mine = List.of(name(), name(), name());
    mine.forEach(name -> open(root, name, ""));

    var listed = new ArrayList<String>();
    String next = "";
    do {
      Answer page = root.get(PATH + "?limit=2" + next);
      assertThat(page.status()).as(page.text()).isEqualTo(200);
      page.body().path("data").forEach(one -> listed.add(one.path("workspace").asString()));
      next = page.body().path("nextCursor").asString("");
      next = next.isEmpty() ? "" : "&cursor=" + next;
    } while (!next.isEmpty());

    assertThat(listed).isSorted().doesNotHaveDuplicates().contains("default").containsAll(mine);
    assertProblem(root.get(PATH + "?limit=201"), 400, "bad-request");
    assertProblem(root.get(PATH + "?cursor=%20"), 400, "bad-request");
    assertProblem(root.get(PATH + "?cursor=" + mine.getFirst()), 400, "bad-request");
  }

  @Test
  void onlyTheRootKeyMayHaveToDoWithThem(KeyledgerProcess keyledger) {
    Client operator = keyledger.client().bearer(keyledger.issuer().issued("keyledger:*").secret());

    assertProblem(operator.get(PATH), 403, "forbidden");
    assertProblem(operator.get(PATH + "/default"), 403, "forbidden");
    assertProblem(operator.post(PATH, "{\"workspace\": \"mine\"}"), 403, "forbidden");
    assertProblem(operator.patch(PATH + "/default", "{}"), 403, "forbidden");
    assertProblem(operator.post(PATH + "/default/close", "{}"), 403, "forbidden");
    assertProblem(keyledger.client().get(PATH), 401, "unauthorized");
  }

  @Test
  void theOneThatExistsFromTheStartIsThereAndStays(KeyledgerProcess keyledger) {
    Answer found = keyledger.root().get(PATH + "/default");

    assertThat(found.status()).isEqualTo(200);
    assertThat(found.body().at("/policy/maxLifetime").asString()).isEqualTo("P366D");
    assertProblem(keyledger.root().post(PATH + "/default/close", "{}"), 422, "invalid-field");
    assertProblem(keyledger.root().get(PATH + "/no-such"), 404, "not-found");
    assertProblem(in(keyledger.root(), "no-such").get("/v1/keys"), 404, "not-found");
    assertProblem(in(keyledger.root(), "no-such").post("/v1/keys", "{}"), 404, "not-found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxLifetime        | \"P3651D\"",
        "defaultLifetime    | \"PT0S\"",
        "renewalWindow      | \"P3651D\"",
        "defaultOverlap     | \"P367D\"",
        "rotationQuiet      | \"P366DT1S\"",
        "reminders          | [\"P1D\", \"P7D\"]",
        "allowedPermissions | [\"read*\"]",
        "maxKeys            | -1",
        "maxKeys            | 1000000001"
      })
  void aFieldBeyondItsLimitsIsNamed(String field, String value, KeyledgerProcess keyledger) {
    String body =
        "{\"workspace\": \"%s\", \"policy\": {\"%s\": %s}}".formatted(name(), field, value);

    assertWrongField(keyledger.root().post(PATH, body), 422, "invalid-field", "policy." + field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxKeys            | 1.5",
        "maxKeys            | \"5\"",
        "maxKeys            | 99999999999999999999",
        "allowNoExpiry      | 1",
        "allowedPermissions | [null]",
        "maxLifetime        | \"1 day\"",
        "no                 | 1"
      })
  void anInvalidPolicyIsRefused(String field, String value, KeyledgerProcess keyledger) {
    String body =
        "{\"workspace\": \"%s\", \"policy\": {\"%s\": %s}}".formatted(name(), field, value);

    assertProblem(keyledger.root().post(PATH, body), 400, "bad-request");
  }

  @Test
  void thePolicyIsInForceOnEveryWayToGiveAKeyMore(KeyledgerProcess keyledger) {
    String name = name();
    Client root = keyledger.root();
    Client client = in(root, name);
    open(root, name, "");
    IssuedKey before = new Issuer(client).issued("write:users");
    IssuedKey other = new Issuer(client).issued("read:users");
    policy(
        root,
        name,
        "\"maxLifetime\": \"P10D\", \"defaultLifetime\": \"P5D\", \"defaultOverlap\": \"PT1H\","
            + "\"allowedPermissions\": [\"read:*\"], \"maxKeys\": 3");

    assertThat(new Issuer(client).codeOf(before.secret())).as("it acts later").isEqualTo("VALID");
    String one = "{%s}".formatted(Issuer.fields("write:users"));
    assertProblem(client.post("/v1/keys", one), 422, "permission-not-allowed");
    assertThat(imported(client, Issuer.fields("write:users"))).isEqualTo("permission-not-allowed");
    assertProblem(
        client.put(other.path() + "/permissions", "{\"permissions\": [\"write:users\"]}"),
        422,
        "permission-not-allowed");
    for (String life : List.of("\"lifetime\": \"P11D\"", "\"lifetime\": \"never\"")) {
      String fields = Issuer.fields("read:users") + ", " + life;
      assertProblem(client.post("/v1/keys", "{%s}".formatted(fields)), 422, "lifetime-not-allowed");
      assertThat(imported(client, fields)).isEqualTo("lifetime-not-allowed");
      assertProblem(
          client.post(other.path() + "/renew", "{%s}".formatted(life)),
          422,
          "lifetime-not-allowed");
    }
    Answer rotated = client.post(other.path() + "/rotate", "{}");
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);

    new Issuer(client).issued("read:users");
    assertProblem(
        client.post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users"))),
        409,
        "quota-exceeded");
    assertThat(imported(client, Issuer.fields("read:users"))).isEqualTo("quota-exceeded");
    new Issuer(client).done(before, "revoke", "{}");
    new Issuer(client).issued("read:users");

    policy(root, name, "\"allowedPermissions\": [\"*:*\", \"keyledger:*\"], \"maxKeys\": 9");
    for (String any : List.of("write:users", "*:*", "*:x:*", "keyledger:*", "keyledger:verify")) {
      new Issuer(client).issued(any);
    }
    policy(root, name, "\"allowedPermissions\": [], \"maxKeys\": 90");
    assertProblem(
        client.post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users"))),
        422,
        "permission-not-allowed");
    new Issuer(client).issued();
  }

  @Test
  void operatorsEndWithTheirWorkspace(KeyledgerProcess keyledger) {
    String name = name();
    open(keyledger.root(), name, "");
    IssuedKey key = new Issuer(in(keyledger.root(), name)).issued("keyledger:*");
    Client operator = keyledger.client().bearer(key.secret());
    assertThat(operator.get("/v1/keys").status()).isEqualTo(200);
    assertThat(in(operator, name).get("/v1/keys").status()).isEqualTo(200);
    assertProblem(in(operator, "default").get("/v1/keys"), 403, "forbidden");

    assertThat(keyledger.root().post(PATH + "/" + name + "/close", "{}").status()).isEqualTo(200);
    assertProblem(operator.get("/v1/keys"), 401, "unauthorized");
    assertProblem(operator.post("/v1/keys", "{}"), 401, "unauthorized");
  }

  static String name() {
    return "w" + Long.toString(System.nanoTime(), 36);
  }

  static Client in(Client client, String workspace) {
    return client.header("Keyledger-Workspace", workspace);
  }

  static Answer open(Client root, String name, String policy) {
    Answer opened =
        root.post(PATH, "{\"workspace\": \"%s\", \"policy\": {%s}}".formatted(name, policy));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    return opened;
  }

  private static void policy(Client root, String name, String fields) {
    Answer changed = root.patch(PATH + "/" + name, "{\"policy\": {%s}}".formatted(fields));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }

  private static String imported(Client client, String fields) {
    Answer answer =
        client.post(
            "/v1/keys/import",
            "{\"keys\": [{%s, \"secretSha256\": \"%064x\"}]}".formatted(fields, System.nanoTime()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body().at("/results/0/problem/code").asString("");
  }
}
