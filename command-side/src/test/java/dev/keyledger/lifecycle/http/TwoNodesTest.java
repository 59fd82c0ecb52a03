package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands on one key through two nodes: neither decides by its cached state of the key. */
@Timeout(120)
class TwoNodesTest {
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final CommandNode twin = new CommandNode(ledger, CommandNode.PEPPER_1);

  private String key = "";

  @AfterAll
  static void end() {
    twin.close();
    node.close();
  }

  @BeforeEach
  void issueAndRemember() {
    var issued =
        node.post(
            "/v1/keys",
            """
            {"name":"n","owner":{"type":"app","id":"twins"},"permissions":["read:users"]}
            """);
    assertThat(issued.status()).isEqualTo(201);
    key = "/v1/keys/" + issued.field("keyId");
    assertThat(node.send("PATCH", key, "{\"name\":\"first\"}").field("version")).isEqualTo("2");
  }

  @Test
  void aChangeGoesOnFromWhatTheOtherNodeDid() {
    assertThat(twin.post(key + "/suspend", "{}").field("version")).isEqualTo("3");
    var renewed = node.post(key + "/renew", "{\"lifetime\":\"P200D\"}");
    assertThat(renewed.status()).isEqualTo(200);
    assertThat(renewed.field("status")).isEqualTo("suspended");
    assertThat(renewed.field("version")).isEqualTo("4");
    assertThat(twin.post(key + "/resume", "{}").field("version")).isEqualTo("5");
    assertThat(node.post(key + "/suspend", "{}").field("version")).isEqualTo("6");
  }

  @Test
  void aChangeUndoneByTheOtherNodeIsMadeAgain() {
    assertThat(node.post(key + "/suspend", "{}").field("version")).isEqualTo("3");
    assertThat(twin.post(key + "/resume", "{}").field("version")).isEqualTo("4");
    var again = node.post(key + "/suspend", "{}");
    assertThat(again.field("version")).as("not taken for already so").isEqualTo("5");
    assertThat(again.field("status")).isEqualTo("suspended");
  }

  @Test
  void aRefusalRestsOnWhatTheOtherNodeDid() {
    assertThat(node.post(key + "/suspend", "{}").field("version")).isEqualTo("3");
    assertThat(twin.post(key + "/resume", "{}").field("version")).isEqualTo("4");
    assertThat(node.post(key + "/resume", "{}").field("code")).isEqualTo("key-not-suspended");
    assertThat(twin.post(key + "/suspend", "{}").field("version")).isEqualTo("5");
    assertThat(node.post(key + "/resume", "{}").field("version")).isEqualTo("6");
  }

  @Test
  void aKeyThatTheOtherNodeRevokedStaysRevoked() {
    assertThat(twin.post(key + "/revoke", "{}").status()).isEqualTo(200);
    var renewed = node.post(key + "/renew", "{\"lifetime\":\"P200D\"}");
    assertThat(renewed.status()).isEqualTo(409);
    assertThat(renewed.field("code")).isEqualTo("key-revoked");
    assertThat(node.post(key + "/revoke", "{}").field("version")).isEqualTo("3");
  }

  @Test
  void aVersionIsComparedWithTheLogs() {
    assertThat(twin.post(key + "/suspend", "{}").field("version")).isEqualTo("3");
    assertThat(node.post(key + "/resume", "{}", "If-Match", "\"2\"").status()).isEqualTo(412);
    assertThat(node.post(key + "/resume", "{}", "If-Match", "\"3\"").field("version"))
        .isEqualTo("4");
    assertThat(twin.post(key + "/suspend", "{}", "If-Match", "\"4\"").field("version"))
        .isEqualTo("5");
    assertThat(node.post(key + "/renew", "{}", "If-Match", "\"5\"").field("version"))
        .as("a remembered version that is old refuses nothing")
        .isEqualTo("6");
  }

  @Test
  void aChangeOfAWorkspaceIsInForceOnTheOtherNodeAtOnce() {
    for (int round = 0; round < 20; round++) {
      String workspace = "w" + System.nanoTime();
      var opened =
          twin.post(
              "/v1/workspaces",
              """
              {"workspace":"%s","policy":{"maxLifetime":"P10D","defaultLifetime":"P1D"}}
              """
                  .formatted(workspace));
      assertThat(opened.status()).as(opened.text()).isEqualTo(201);
      assertThat(issuedIn(workspace, "P10D").status()).isEqualTo(201);
      assertThat(issuedIn(workspace, "P11D").field("code")).isEqualTo("lifetime-not-allowed");

      String path = "/v1/workspaces/" + workspace;
      changed(path, "{\"policy\":{\"maxLifetime\":\"P11D\"}}");
      assertThat(issuedIn(workspace, "P11D").status()).as("what was not allowed").isEqualTo(201);
      changed(path, "{\"policy\":{\"maxLifetime\":\"P5D\"}}");
      assertThat(issuedIn(workspace, "P6D").field("code"))
          .as("what was allowed")
          .isEqualTo("lifetime-not-allowed");
      assertThat(twin.post(path + "/close", "{}").status()).isEqualTo(200);
      assertThat(issuedIn(workspace, "P1D").field("code")).isEqualTo("workspace-closed");
    }
  }

  private static void changed(String path, String body) {
    assertThat(twin.send("PATCH", path, body).status()).isEqualTo(200);
  }

  private static CommandNode.Answer issuedIn(String workspace, String lifetime) {
    return node.post(
        "/v1/keys",
        """
        {"name":"n","owner":{"type":"app","id":"w"},"permissions":[],"lifetime":"%s"}
        """
            .formatted(lifetime),
        "Keyledger-Workspace",
        workspace);
  }
}
