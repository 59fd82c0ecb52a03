package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Pages;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two nodes of each side behind nginx with {@code deploy/compose.yaml}: all four start on an empty
 * database at once, and one of each side is enough.
 */
@Tag("tools")
@Timeout(300)
class SeveralNodesIT {
  private static final Duration RECOVERED_MAX = Duration.ofSeconds(60);
  private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "patch");
  private static final Set<Integer> SERVED_BY_THE_OTHER_SIDE = Set.of(404, 405);

  @Test
  void aKeysLifeGoesOnWhenANodeOfEachSideDies(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        KeyledgerProcess command1 = launch(database, Application.COMMAND_SIDE, "command-1");
        KeyledgerProcess command2 = launch(database, Application.COMMAND_SIDE, "command-2");
        KeyledgerProcess query1 = launch(database, Application.QUERY_SIDE, "query-1");
        KeyledgerProcess query2 = launch(database, Application.QUERY_SIDE, "query-2")) {
      List.of(command1, command2, query1, query2).forEach(KeyledgerProcess::awaitReady);
      try (Gateway nginx =
          Gateway.deployedNginx(directory, List.of(command1, command2), List.of(query1, query2))) {
        assertEachOperationGoesToItsSide(nginx.client());
        Client root = nginx.client().bearer(command1.rootKey());
        var lives = new ArrayList<IssuedKey>();
        lives.add(lived(root));

        command1.kill9();
        query1.kill9();
        await().atMost(RECOVERED_MAX).untilAsserted(() -> lives.add(lived(root)));

        assertThat(Pages.ids(root, "/v1/keys?limit=200", "keyId"))
            .containsAll(lives.stream().map(IssuedKey::id).toList());
      }
    }
  }

  private static KeyledgerProcess launch(OwnDatabase database, Application side, String name) {
    Map<String, String> environment = new LinkedHashMap<>(database.environment());
    environment.put("KEYLEDGER_NODE_NAME", name);
    environment.put("KEYLEDGER_TRUSTED_PROXIES", "127.0.0.1/32");
    return KeyledgerProcess.launch(side, environment);
  }

  /**
   * Checks that a side answers 404 or 405 to operations of the other, before it authenticates the
   * caller.
   */
  private static void assertEachOperationGoesToItsSide(Client client) {
    Client json = client.header("Content-Type", "application/json");
    JsonNode paths = json.get("/v3/api-docs").body().path("paths");
    assertThat(paths.size()).isGreaterThan(20);
    paths.forEachEntry((path, item) ->
        item.propertyNames().stream()
            .filter(METHODS::contains)
            .forEach(method -> {
              String target =
                  path.replace("{level}/{index}", "0/000.p/1")
                      .replace("{index}", "000.p/1")
                      .replaceAll("\\{\\w+}", "user");
              Answer answer =
                  json.send(method.toUpperCase(Locale.ROOT), target, BodyPublishers.noBody());
              assertThat(answer.status())
                  .as("%s %s", method, target)
                  .isNotIn(SERVED_BY_THE_OTHER_SIDE);
            }));
  }

  /**
   * Returns a key that was issued, checked, listed, revoked and refused, each step by any of the
   * nodes.
   */
  private static IssuedKey lived(Client root) {
    IssuedKey key = new Issuer(root).issued("read:users");
    Issuer sinceIssued = since(root, key.answer());
    assertThat(sinceIssued.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(sinceIssued.read(key).path("status").asString()).isEqualTo("active");
    assertThat(Pages.ids(sinceIssued.client(), "/v1/keys?limit=1", "keyId")).contains(key.id());

    Answer revoked = new Issuer(root).command(key, "revoke", "{}");
    assertThat(revoked.status()).as(revoked.text()).isEqualTo(200);
    Issuer sinceRevoked = since(root, revoked);
    assertThat(sinceRevoked.codeOf(key.secret())).isEqualTo("REVOKED");
    assertThat(sinceRevoked.history(key)).hasSize(2);
    return key;
  }

  private static Issuer since(Client root, Answer earlier) {
    return new Issuer(
        root.header("Keyledger-At-Least", earlier.header("Keyledger-Position"))
            .header("Keyledger-Wait", "PT10S"));
  }
}
