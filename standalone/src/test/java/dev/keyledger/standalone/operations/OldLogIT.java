package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Pages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The start of this version on a log of an earlier one, whose keys it knows. */
@Timeout(240)
class OldLogIT {
  @Test
  void keysHistoriesAndListsOfEarlierVersionsAreKnown(@TempDir Path directory) throws Exception {
    for (Path dump : dumps()) {
      Path own = Files.createDirectory(directory.resolve(dump.getFileName()));
      try (OwnDatabase database = OwnDatabase.start(own)) {
        try (var connection = database.connect();
            var statement = connection.createStatement()) {
          statement.execute(Files.readString(dump));
        }
        assertKnown(database, noted(dump));
      }
    }
  }

  private static void assertKnown(OwnDatabase database, JsonNode noted) {
    var environment = new LinkedHashMap<>(database.environment());
    environment.put("KEYLEDGER_PEPPERS", noted.path("peppers").asString());
    try (var keyledger = KeyledgerProcess.start(Application.STANDALONE, environment)) {
      Issuer issuer = keyledger.issuer();
      noted
          .path("decisions")
          .forEachEntry((secret, code) ->
              assertThat(issuer.codeOf(secret)).as(code.asString()).isEqualTo(code.asString()));

      IssuedKey young = issuer.issued("read:users");
      var client =
          issuer.client().header("Keyledger-At-Least", young.answer().header("Keyledger-Position"));
      List<String> keys = Pages.ids(client, "/v1/keys?limit=3", "keyId");
      List<String> entries = Pages.ids(client, "/v1/audit?limit=3", "keyId");
      assertThat(keys).doesNotHaveDuplicates().contains(young.id()).hasSizeGreaterThan(1);
      assertThat(new TreeSet<>(entries)).isEqualTo(new TreeSet<>(keys));
      for (String key : keys) {
        Answer history = client.get("/v1/keys/" + key + "/history");
        assertThat(history.body().path("data"))
            .hasSize((int) entries.stream().filter(key::equals).count());
      }
      assertThat(issuer.done(young, "revoke", "{}").path("status").asString()).isEqualTo("revoked");
    }
  }

  private static List<Path> dumps() throws IOException {
    Path golden =
        Path.of(System.getProperty("keyledger.readme"))
            .resolveSibling("event-log/src/test/resources/dev/keyledger/log/golden");
    try (Stream<Path> files = Files.list(golden)) {
      return files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    }
  }

  private static JsonNode noted(Path dump) throws IOException {
    String name = dump.getFileName().toString().replace(".sql", ".json");
    return JsonMapper.shared().readTree(Files.readString(dump.resolveSibling(name)));
  }
}
