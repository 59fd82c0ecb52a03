package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.node.ObjectNode;

/**
 * The isolation of keys and workspaces: a change of one key changes no other, and no workspace sees
 * anything of another.
 */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class IsolationIT {
  private static final String UNKNOWN = "/v1/keys/key_01k0000000000000000000000x";

  @Test
  void aCommandOnOneKeyLeavesAllOthersAsTheyWere(KeyledgerProcess keyledger) {
    Client first = workspace(keyledger);
    Client second = workspace(keyledger);
    Map<IssuedKey, Client> others = new LinkedHashMap<>();
    for (Client client : List.of(first, second, keyledger.root())) {
      others.put(new Issuer(client).issued("read:users"), client);
      others.put(new Issuer(client).issued("read:users", "write:users"), client);
      IssuedKey suspended = new Issuer(client).issued("read:users");
      new Issuer(client).done(suspended, "suspend", "{}");
      others.put(suspended, client);
      IssuedKey rotated = new Issuer(client).issued("read:users");
      others.put(rotated, client);
      others.put(new Issuer(client).rotated(rotated, "{}"), client);
    }
    IssuedKey key = new Issuer(first).issued("read:users");
    Map<String, String> before = seen(others);

    String path = key.path();
    for (Answer answer :
        List.of(
            first.post(path + "/renew", "{\"lifetime\": \"P100D\"}"),
            first.post(path + "/rotate", "{}"),
            first.post(path + "/retire-secret", "{}"),
            first.post(path + "/suspend", "{}"),
            first.post(path + "/resume", "{}"),
            first.put(path + "/permissions", "{\"permissions\": [\"read:all\"]}"),
            first.put(path + "/restrictions", "{\"ipAllowList\": [\"192.0.2.1\"]}"),
            first.patch(path, "{\"name\": \"Another\", \"metadata\": {\"a\": \"b\"}}"),
            first.post(path + "/transfer", "{\"owner\": {\"type\": \"user\", \"id\": \"42\"}}"),
            first.post(path + "/revoke", "{}"))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(seen(others)).isEqualTo(before);
    }
    IssuedKey leaked = new Issuer(first).issued("read:users");
    Answer told =
        keyledger.client().post("/v1/leaks", "{\"secret\": \"%s\"}".formatted(leaked.secret()));
    assertThat(told.status()).isEqualTo(202);
    assertThat(new Issuer(first).codeOf(leaked.secret())).isEqualTo("REVOKED");
    assertThat(seen(others)).isEqualTo(before);
  }

  /** Returns each key, its history and the decision on its secret. */
  private static Map<String, String> seen(Map<IssuedKey, Client> keys) {
    Map<String, String> seen = new LinkedHashMap<>();
    keys.forEach((key, client) -> {
      var issuer = new Issuer(client);
      var decision = (ObjectNode) issuer.verified(key.secret());
      var shown = (ObjectNode) issuer.read(key);
      shown.remove("lastUsedAt"); // the checks here are uses
      shown.path("secrets").forEach(secret -> ((ObjectNode) secret).remove("lastUsedAt"));
      decision.remove(List.of("position", "asOf"));
      seen.put(key.id() + " " + seen.size(), shown + "\n" + issuer.history(key) + "\n" + decision);
    });
    return seen;
  }

  @Test
  void nothingOfAWorkspaceIsSeenFromAnother(KeyledgerProcess keyledger) {
    Client here = workspace(keyledger);
    Client there = operator(keyledger);
    String hash = ", \"secretSha256\": \"%064x\"".formatted(System.nanoTime());
    String body = "{%s%s}".formatted(Issuer.fields("read:users"), hash);
    IssuedKey imported = new Issuer(here).issuedFrom(body);
    IssuedKey mine = new Issuer(here).issued("read:users");
    String now = Instant.now().toString();
    long position = new Issuer(here).history(mine).get(0).path("position").asLong();

    // A workspace neither learns that another one has that secret, nor is kept from importing it.
    IssuedKey alsoImported = new Issuer(there).issuedFrom(body);
    assertThat(there.post("/v1/keys", body).status()).isEqualTo(409);
    new Issuer(there).done(alsoImported, "revoke", "{}");
    assertThat(new Issuer(here).read(imported).path("status").asString()).isEqualTo("active");

    for (IssuedKey key : List.of(mine, imported)) {
      for (String query : List.of("", "/history", "/at?time=" + now, "/at?position=" + position)) {
        assertSame(there.get(key.path() + query), there.get(UNKNOWN + query));
      }
      for (String command :
          List.of("renew", "rotate", "retire-secret", "suspend", "resume", "revoke")) {
        assertSame(
            there.post(key.path() + "/" + command, "{}"),
            there.post(UNKNOWN + "/" + command, "{}"));
      }
      assertSame(there.patch(key.path(), "{}"), there.patch(UNKNOWN, "{}"));
      assertSame(
          there.put(key.path() + "/permissions", "{\"permissions\": []}"),
          there.put(UNKNOWN + "/permissions", "{\"permissions\": []}"));
      assertSame(
          there.put(key.path() + "/restrictions", "{\"ipAllowList\": []}"),
          there.put(UNKNOWN + "/restrictions", "{\"ipAllowList\": []}"));
      String owner = "{\"owner\": {\"type\": \"user\", \"id\": \"42\"}}";
      assertSame(
          there.post(key.path() + "/transfer", owner), there.post(UNKNOWN + "/transfer", owner));
      Answer listed = there.get("/v1/audit?keyId=" + key.id());
      assertThat(listed.body().path("data")).as(listed.text()).isEmpty();
      assertThat(there.get("/v1/keys?q=" + key.id()).body().path("data")).isEmpty();
    }
    assertThat(new Issuer(there).codeOf(mine.secret())).isEqualTo("NOT_FOUND");
    String check = "{\"key\": \"%s\"}".formatted(mine.secret());
    Answer checked = there.post("/v1/verify/batch", "{\"checks\": [%s]}".formatted(check));
    assertThat(checked.body().at("/results/0/code").asString()).isEqualTo("NOT_FOUND");
    assertThat(checked.text()).doesNotContain(mine.id());
    for (String what : List.of(check, "{\"keyId\": \"%s\"}".formatted(mine.id()))) {
      String then = what.replace("}", ", \"time\": \"%s\"}".formatted(now));
      assertThat(here.post("/v1/verify/at", then).body().path("code").asString())
          .isEqualTo("VALID");
      Answer past = there.post("/v1/verify/at", then);
      assertThat(past.body().path("code").asString()).isEqualTo("NOT_FOUND");
      assertThat(past.body().propertyNames()).containsExactly("valid", "code", "position", "asOf");
    }
    Answer revoked = there.post("/v1/owners/app/billing/revoke-keys", "{}");
    assertThat(revoked.body().path("revoked")).as(revoked.text()).isEmpty();
    assertThat(new Issuer(here).codeOf(mine.secret())).isEqualTo("VALID");
  }

  @Test
  void listsHoldTheOwnKeysOnlyWhateverIsTheSame(KeyledgerProcess keyledger) {
    Client here = workspace(keyledger);
    Client there = workspace(keyledger);
    for (int i = 0; i < 3; i++) {
      new Issuer(here).issued("read:users");
      new Issuer(there).issued("read:users");
    }
    String position = new Issuer(there).issued("read:users").answer().header("Keyledger-Position");
    Client current = here.header("Keyledger-At-Least", position);
    for (String list :
        List.of(
            "/v1/keys?",
            "/v1/keys?owner=app:billing&",
            "/v1/keys?permission=read:users&",
            "/v1/keys?q=Bill&",
            "/v1/keys?issuedBy=root&",
            "/v1/keys/expiring?within=P366D&",
            "/v1/audit?",
            "/v1/audit?owner=app:billing&",
            "/v1/audit?actor=root&")) {
      Answer all = current.get(list + "limit=200");
      int keys = 0;
      for (var entry : all.body().path("data")) {
        keys += entry.has("keyId") ? 1 : 0;
        assertThat(entry.path("workspace").asString("")).as(list).isNotEqualTo("default");
      }
      assertThat(keys).as(list + all.text()).isEqualTo(3);
      assertCursorIsGoodInOneOnly(current, there, list);
    }
  }

  @Test
  void aHistoryContinuesInItsOwnWorkspaceOnly(KeyledgerProcess keyledger) {
    Client here = workspace(keyledger);
    Issuer issuer = new Issuer(here);
    IssuedKey key = issuer.issued("read:users");
    IssuedKey another = issuer.issued("read:users");
    issuer.done(key, "suspend", "{}");

    assertCursorIsGoodInOneOnly(here, workspace(keyledger), key.path() + "/history?");
    String cursor = nextCursor(here, key.path() + "/history?");
    assertProblem(
        here.get(another.path() + "/history?limit=1&cursor=" + cursor), 400, "bad-request");
  }

  private static void assertCursorIsGoodInOneOnly(Client one, Client other, String list) {
    String continued = list + "limit=1&cursor=" + nextCursor(one, list);
    assertThat(one.get(continued).status()).as(list).isEqualTo(200);
    assertProblem(other.get(continued), 400, "bad-request");
  }

  private static String nextCursor(Client client, String list) {
    Answer first = client.get(list + "limit=1");
    assertThat(first.body().has("nextCursor")).as(first.text()).isTrue();
    return first.body().path("nextCursor").asString();
  }

  @Test
  void anIdempotencyKeyOfOneIsFreeInTheOther(KeyledgerProcess keyledger) {
    Client here = workspace(keyledger);
    Client there = workspace(keyledger);
    String once = "the-same-in-both-" + System.nanoTime();
    String body = "{%s}".formatted(Issuer.fields("read:users"));

    IssuedKey mine = IssuedKey.of(here.header("Idempotency-Key", once).post("/v1/keys", body));
    Answer theirs = there.header("Idempotency-Key", once).post("/v1/keys", body);
    assertThat(theirs.status()).isEqualTo(201);
    assertThat(theirs.header("Idempotent-Replayed")).isEmpty();
    assertThat(IssuedKey.of(theirs).id()).isNotEqualTo(mine.id());
  }

  /**
   * Checks that a position, which is one of the whole log, makes a request wait but reveals
   * nothing.
   */
  @Test
  void aPositionOfOneShowsTheOtherItsOwn(KeyledgerProcess keyledger) {
    Client here = operator(keyledger);
    Client there = operator(keyledger);
    IssuedKey theirs = new Issuer(there).issued("read:users");
    IssuedKey mine = new Issuer(here).issued("read:users");
    String position = mine.answer().header("Keyledger-Position");
    Client waiting = there.header("Keyledger-At-Least", position);

    for (String query :
        List.of(theirs.path(), theirs.path() + "/history", "/v1/keys", "/v1/audit")) {
      Answer shown = waiting.get(query);
      assertThat(shown.status()).as(query).isEqualTo(200);
      assertThat(shown.text()).as(query).contains(theirs.id()).doesNotContain(mine.id());
    }
    assertThat(new Issuer(waiting).codeOf(theirs.secret())).isEqualTo("VALID");
    assertThat(there.get("/v1/positions/" + position + "/applied").body().propertyNames())
        .isEqualTo(here.get("/v1/positions/" + position + "/applied").body().propertyNames());
  }

  /** Exports everything, from any position on, by each way to name the workspace. */
  @Test
  void anExportHoldsWhatHappenedInTheOwnOnly(KeyledgerProcess keyledger) {
    Client here = operator(keyledger);
    Client there = operator(keyledger);
    IssuedKey mine = new Issuer(here).issued("read:users");
    IssuedKey theirs = new Issuer(there).issued("read:users");
    String position = theirs.answer().header("Keyledger-Position");
    Client current = there.header("Keyledger-At-Least", position);
    String theirName = new Issuer(there).read(theirs).path("workspace").asString();
    String myName = new Issuer(here).read(mine).path("workspace").asString();

    for (String query : List.of("", "?after=0", "?workspace=" + theirName)) {
      Answer all = current.get("/v1/audit/export" + query);
      assertThat(all.text())
          .contains(theirs.id(), theirName)
          .doesNotContain(mine.id(), myName, "\"workspace\":\"default\"");
    }
    assertThat(current.get("/v1/audit/export?workspace=" + myName).status()).isEqualTo(403);
    Client root = keyledger.root().header("Keyledger-At-Least", position);
    assertThat(root.get("/v1/audit/export?workspace=" + myName).text())
        .contains(mine.id(), myName)
        .doesNotContain(theirs.id(), theirName);
  }

  private static Client operator(KeyledgerProcess keyledger) {
    IssuedKey operator =
        new Issuer(workspace(keyledger))
            .issuedFrom(
                """
                {"name": "Operator", "owner": {"type": "service", "id": "its-own"},
                 "permissions": ["keyledger:*", "*:*"]}
                """);
    return keyledger.client().bearer(operator.secret());
  }

  private static Client workspace(KeyledgerProcess keyledger) {
    String name = WorkspacesIT.name();
    WorkspacesIT.open(keyledger.root(), name, "");
    return WorkspacesIT.in(keyledger.root(), name);
  }

  /** Returns the same without the id of the request. */
  private static void assertSame(Answer one, Answer other) {
    assertThat(one.status()).isEqualTo(404).isEqualTo(other.status());
    var told = (ObjectNode) one.body();
    var toldOther = (ObjectNode) other.body();
    for (ObjectNode body : List.of(told, toldOther)) {
      body.remove(List.of("requestId", "instance"));
    }
    assertThat(told).isEqualTo(toldOther);
  }
}
