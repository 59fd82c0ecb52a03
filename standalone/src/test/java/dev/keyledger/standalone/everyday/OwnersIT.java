package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Owners with ids in the form of identity providers, wherever an owner is shown or named. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class OwnersIT {
  private KeyledgerProcess keyledger;
  private Issuer issuer;
  private Client root;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    issuer = shared.issuer();
    root = shared.root();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth0|5f7c",
        "jane.doe+test@example.com",
        "arn:aws:iam::123456789012:role/Admin",
        "spiffe://example.org/ns/default/sa/web",
        "f:3b0a9c:jane",
        "100%_\\\"quoted\";,&=?#",
        "-leading",
        "...",
      })
  void anOwnerIsShownFoundAndRevoked(String id) {
    IssuedKey key = issued(id);
    assertThat(key.answer().body().at("/owner/id").asString()).isEqualTo(id);
    IssuedKey near = issued(id.replace('_', 'x').replace('%', 'y') + "x");

    for (Port port : Port.values()) {
      Client checks = keyledger.client(port);
      Answer verdict =
          checks
              .bearer(keyledger.rootKey())
              .post("/v1/verify", "{\"key\": \"%s\"}".formatted(key.secret()));
      assertThat(verdict.body().at("/owner/id").asString()).isEqualTo(id);
      assertThat(checks.bearer(key.secret()).get("/v1/forward-auth").header("X-Key-Owner"))
          .isEqualTo("user:" + id);
    }
    Client upToDate = root.header("Keyledger-At-Least", near.answer().header("Keyledger-Position"));
    String filter = "owner=" + encoded("user:" + id);
    assertThat(ids(upToDate.get("/v1/keys?" + filter))).containsExactly(key.id());
    assertThat(ids(upToDate.get("/v1/keys/expiring?within=P366D&" + filter)))
        .containsExactly(key.id());
    assertThat(ids(upToDate.get("/v1/audit?" + filter))).containsExactly(key.id());
    assertThat(ids(upToDate.get("/v1/keys?q=" + encoded(id)))).contains(key.id());

    Answer revoked = root.post("/v1/owners/user/" + encoded(id) + "/revoke-keys", "{}");
    assertThat(revoked.status()).as(revoked.text()).isEqualTo(200);
    assertThat(revoked.body().path("revoked").toString()).isEqualTo("[\"" + key.id() + "\"]");
    assertThat(issuer.codeOf(near.secret())).isEqualTo("VALID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auth0|5f7d", "..", ".", "a/../b", "spiffe://example.org/b"})
  void anOwnerInTheBodyMayHaveAnyId(String id) {
    IssuedKey key = issued(id);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("owner").put("type", "user").put("id", id);
    body.put("revocationReason", "owner-left");

    Answer revoked = root.post("/v1/owners/revoke-keys", body.toString());
    assertThat(revoked.body().path("revoked").toString()).isEqualTo("[\"" + key.id() + "\"]");
    assertThat(issuer.read(key).path("revocationReason").asString()).isEqualTo("owner-left");
  }

  @Test
  void anIdHasUpTo255VisibleCharacters() {
    issued("a".repeat(255));
    for (String id : List.of("", "a".repeat(256), "a b", "\u00e4", "a\u200bb", "a\tb")) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.putObject("owner").put("type", "user").put("id", id);
      assertWrongField(
          root.post("/v1/owners/revoke-keys", body.toString()), 422, "invalid-field", "owner.id");
      assertWrongField(root.post("/v1/keys", requestFor(id)), 422, "invalid-field", "owner.id");
    }
  }

  @Test
  void anOwnerIsRequiredInTheBody() {
    assertWrongField(root.post("/v1/owners/revoke-keys", "{}"), 422, "invalid-field", "owner");
    assertWrongField(
        root.post("/v1/owners/revoke-keys", "{\"owner\": {\"type\": \"team\", \"id\": \"a\"}}"),
        422,
        "invalid-field",
        "owner.type");
    assertProblem(
        root.post("/v1/owners/revoke-keys", "{\"owner\": \"user:a\"}"), 400, "bad-request");
    assertProblem(
        keyledger
            .client()
            .bearer(issuer.issued("keyledger:verify").secret())
            .post("/v1/owners/revoke-keys", "{}"),
        403,
        "forbidden");
  }

  @ParameterizedTest
  @ValueSource(strings = {"user/%2e%2e", "user/%2E", "user/a%20b", "user/%c3%a4", "team/a"})
  void aPathThatNamesNoOwnerIs404(String owner) {
    issued("..");
    assertProblem(root.post("/v1/owners/" + owner + "/revoke-keys", "{}"), 404, "not-found");
  }

  @Test
  void aFilterThatNamesNoOwnerIs400() {
    for (String owner : List.of("user", "user:", "team:a", "user:a b", "user:" + "a".repeat(256))) {
      assertProblem(root.get("/v1/keys?owner=" + encoded(owner)), 400, "bad-request");
    }
    assertProblem(root.get("/v1/keys?q=" + "a".repeat(256)), 400, "bad-request");
    assertThat(root.get("/v1/keys?q=" + "a".repeat(255)).status()).isEqualTo(200);
  }

  @Test
  void keysAreFoundByTheirHint() {
    IssuedKey key = issued("hinted");
    IssuedKey other = issued("hinted");
    String hint = key.answer().body().path("secretHint").asString();
    String end = hint.substring(hint.length() - 4);
    Client upToDate =
        root.header("Keyledger-At-Least", other.answer().header("Keyledger-Position"));

    assertThat(ids(upToDate.get("/v1/keys?q=" + encoded(hint)))).contains(key.id());
    assertThat(ids(upToDate.get("/v1/keys?q=" + end)))
        .contains(key.id())
        .doesNotContain(other.id());
    assertThat(ids(upToDate.get("/v1/keys?q=" + encoded(end.substring(1) + "|")))).isEmpty();
    IssuedKey rotated = issuer.rotated(key, "{}");
    assertThat(
            ids(
                root.header("Keyledger-At-Least", rotated.answer().header("Keyledger-Position"))
                    .get("/v1/keys?q=" + encoded(hint))))
        .doesNotContain(key.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\u00a0", "a\tb", "a\u001b[31m", "a\u200bb", "a\u202eb", "\ufeffa"})
  void aNameIsVisible(String name) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("name", name);
    IssuedKey key = issued("named");
    assertWrongField(root.patch(key.path(), body.toString()), 422, "invalid-field", "name");
    body.putObject("owner").put("type", "user").put("id", "named");
    body.putArray("permissions");
    assertWrongField(root.post("/v1/keys", body.toString()), 422, "invalid-field", "name");
    Answer imported =
        root.post(
            "/v1/keys/import",
            "{\"keys\": [%s]}"
                .formatted(body.put("secretSha256", "%064x".formatted(System.nanoTime()))));
    assertThat(imported.body().at("/results/0/problem/code").asString()).isEqualTo("invalid-field");
  }

  private IssuedKey issued(String id) {
    return issuer.issuedFrom(requestFor(id));
  }

  private static String requestFor(String id) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("name", "N\u00e4me \u9375");
    body.putObject("owner").put("type", "user").put("id", id);
    body.putArray("permissions");
    return body.toString();
  }

  private static List<String> ids(Answer page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    return page.body().path("data").valueStream().map(k -> k.path("keyId").asString()).toList();
  }

  /** Returns an encoded id. A path needs {@code %20}, and a query may have it. */
  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
