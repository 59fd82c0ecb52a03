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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Queries of the audit: who could do something, where a key came from, and what it did. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class AuditQueriesIT {
  private static final String HOLDERS = "/v1/permissions/holders?permission=";

  private KeyledgerProcess keyledger;
  private Client root;
  private IssuedKey grandparent;
  private IssuedKey parent;
  private IssuedKey child;

  /** Builds a tree of three keys in a separate workspace. */
  @BeforeEach
  void grow(KeyledgerProcess shared) {
    keyledger = shared;
    String workspace = "audited-" + System.nanoTime();
    assertThat(
            shared
                .root()
                .post("/v1/workspaces", "{\"workspace\": \"%s\"}".formatted(workspace))
                .status())
        .isEqualTo(201);
    root = shared.root().header("Keyledger-Workspace", workspace);
    grandparent =
        new Issuer(root)
            .issued("keyledger:keys:issue", "keyledger:keys:change", "keyledger:grant:*");
    parent =
        by(grandparent)
            .issuedWith("\"lifetime\": \"P30D\"", "keyledger:keys:issue", "keyledger:grant:*");
    child = by(parent).issued("read:*", "write:orders");
  }

  private Issuer by(IssuedKey operator) {
    return new Issuer(keyledger.client().bearer(operator.secret()));
  }

  private Client after(Answer answer) {
    return root.header("Keyledger-At-Least", answer.header("Keyledger-Position"));
  }

  @Test
  void aKeyComesFromItsIssuersAndItsDescendantsComeFromIt() {
    JsonNode ofOldest = after(child.answer()).get(grandparent.path() + "/lineage").body();
    assertThat(ofOldest.path("issuers").valueStream().map(JsonNode::toString))
        .containsExactly("{\"type\":\"root\"}");
    assertThat(texts(ofOldest.path("events"), "type")).containsExactly("KeyIssued");
    assertThat(texts(ofOldest.path("data"), "keyId")).containsExactly(parent.id(), child.id());
    assertThat(texts(ofOldest.path("data"), "depth")).containsExactly("1", "2");
    assertThat(ofOldest.at("/data/1/issuedBy/id").asString()).isEqualTo(parent.id());
    assertThat(ofOldest.at("/data/1/status").asString()).isEqualTo("active");

    JsonNode ofYoungest = root.get(child.path() + "/lineage").body();
    assertThat(texts(ofYoungest.path("issuers"), "id"))
        .containsExactly(parent.id(), grandparent.id(), "");
    assertThat(ofYoungest.path("data").size()).isZero();
  }

  @Test
  void aLineageHasPagesWithEventsOnTheFirst() {
    Client reader = after(child.answer());
    JsonNode first = reader.get(grandparent.path() + "/lineage?limit=1").body();
    JsonNode second =
        reader
            .get(
                grandparent.path()
                    + "/lineage?limit=1&cursor="
                    + first.path("nextCursor").asString())
            .body();

    assertThat(texts(first.path("data"), "keyId")).containsExactly(parent.id());
    assertThat(texts(second.path("data"), "keyId")).containsExactly(child.id());
    assertThat(first.has("events")).isTrue();
    assertThat(second.has("events")).isFalse();
    assertThat(second.has("nextCursor")).isFalse();
  }

  @Test
  void commandsOfAKeyAreListed() {
    Answer renamed =
        keyledger
            .client()
            .bearer(grandparent.secret())
            .patch(parent.path(), "{\"name\": \"Renamed\"}");
    assertThat(renamed.status()).isEqualTo(200);
    String path = grandparent.path() + "/touched";

    JsonNode touched = after(renamed).get(path).body();
    assertThat(texts(touched.path("data"), "type")).containsExactly("KeyDescribed", "KeyIssued");
    assertThat(texts(touched.path("data"), "keyId")).containsOnly(parent.id());
    assertThat(texts(root.get(path + "?order=asc&limit=1").body().path("data"), "type"))
        .containsExactly("KeyIssued");
    assertThat(root.get(child.path() + "/touched").body().path("data").size()).isZero();
    assertWrongField(
        root.get(path + "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"),
        400,
        "bad-request",
        "from");
  }

  @Test
  void aKeyOfAnotherWorkspaceIsUnknown() {
    for (String query : List.of("/lineage", "/touched")) {
      assertProblem(keyledger.root().get(child.path() + query), 404, "not-found");
      assertProblem(root.get("/v1/keys/key_01k0000000000000000000000x" + query), 404, "not-found");
    }
  }

  @Test
  void holdersAreListedWithTheCoveringPattern() {
    Client reader = after(child.answer());
    JsonNode readers = reader.get(HOLDERS + "read:users").body().path("data");
    assertThat(texts(readers, "keyId")).containsExactly(child.id());
    assertThat(texts(readers, "pattern")).containsExactly("read:*");
    assertThat(texts(readers, "status")).containsExactly("active");
    assertThat(texts(reader.get(HOLDERS + "keyledger:keys:issue").body().path("data"), "keyId"))
        .containsExactly(parent.id(), grandparent.id());
    assertThat(reader.get(HOLDERS + "write:users").body().path("data").size()).isZero();
    assertThat(texts(reader.get(HOLDERS + "read:a:b:c:d:e:f:g:h:i:j").body().path("data"), "keyId"))
        .containsExactly(child.id());
  }

  @Test
  void pastHoldersAreListed() {
    String before = root.get(child.path()).body().path("createdAt").asString();
    Answer changed =
        root.put(child.path() + "/permissions", "{\"permissions\": [\"read:orders\"]}");
    Answer revoked = root.post(parent.path() + "/revoke", "{}");
    assertThat(List.of(changed.status(), revoked.status())).containsOnly(200);
    Client reader = after(revoked);

    assertThat(reader.get(HOLDERS + "write:orders").body().path("data").size()).isZero();
    JsonNode then = reader.get(HOLDERS + "write:orders&at=" + before).body().path("data");
    assertThat(texts(then, "keyId")).containsExactly(child.id());
    assertThat(then.at("/0/permissions").toString()).isEqualTo("[\"read:*\",\"write:orders\"]");
    assertThat(
            texts(
                reader.get(HOLDERS + "keyledger:keys:issue&at=" + before).body().path("data"),
                "status"))
        .containsExactly("active", "active");
    assertThat(texts(reader.get(HOLDERS + "keyledger:keys:issue").body().path("data"), "keyId"))
        .containsExactly(grandparent.id());
  }

  @Test
  void allPagesOfHoldersAreAboutTheSameTime() {
    Client reader = after(child.answer());
    String query = HOLDERS + "keyledger:keys:issue&limit=1";
    JsonNode first = reader.get(query).body();
    assertThat(root.post(grandparent.path() + "/suspend", "{}").status()).isEqualTo(200);
    var found = new ArrayList<>(texts(first.path("data"), "keyId"));
    JsonNode second = reader.get(query + "&cursor=" + first.path("nextCursor").asString()).body();
    found.addAll(texts(second.path("data"), "keyId"));

    assertThat(found).containsExactly(parent.id(), grandparent.id());
    assertThat(second.has("nextCursor")).isFalse();
  }

  @Test
  void aPermissionIsNamedOnceAndLiterally() {
    assertWrongField(root.get("/v1/permissions/holders"), 400, "bad-request", "permission");
    assertWrongField(root.get(HOLDERS + "read:*"), 400, "bad-request", "permission");
    assertWrongField(root.get(HOLDERS + "a&permission=b"), 400, "bad-request", "permission");
    assertWrongField(root.get(HOLDERS + "a&at=2999-01-01T00:00:00Z"), 400, "bad-request", "at");
  }

  @Test
  void theAuditHasTheEventsOfTheWorkspaceToo() {
    JsonNode opened = after(child.answer()).get("/v1/audit?order=asc&limit=1").body();
    assertThat(texts(opened.path("data"), "type")).containsExactly("WorkspaceOpened");
    assertThat(opened.at("/data/0").has("keyId")).isFalse();
    assertThat(opened.at("/data/0").has("owner")).isFalse();
    assertThat(texts(root.get("/v1/audit?type=WorkspaceOpened").body().path("data"), "type"))
        .containsExactly("WorkspaceOpened");
  }

  private static List<String> texts(JsonNode entries, String field) {
    return entries.valueStream().map(entry -> entry.path(field).asString("")).toList();
  }
}
