package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Logs that earlier versions wrote, as whole databases. This version migrates them, reads each row,
 * and computes the leaf hashes (RFC 6962) that were recorded then. Files are only ever added;
 * OldLogIT in standalone starts a node on each.
 */
class GoldenLogTest {
  private static final Path GOLDEN = Path.of("src/test/resources/dev/keyledger/log/golden");
  private static final int TYPES_OF_FIRST_DUMP = 18;

  @Test
  void everyRowIsReadAndHasTheLeafHashThatItHad() throws Exception {
    var types = new TreeSet<String>();
    for (Path dump : dumps()) {
      DatabaseSettings settings = TestDatabases.withoutTables();
      TestDatabases.execute(settings, Files.readString(dump));
      var leafHashes = new ArrayList<String>();
      try (var database = LedgerDatabase.open(settings);
          var connection = database.openDedicated();
          var statement =
              connection.prepareStatement(
                  "SELECT " + EventRow.COLUMNS + " FROM log.event ORDER BY position");
          var row = statement.executeQuery()) {
        while (row.next()) {
          EventRow event = EventRow.read(row);
          event.decode(new EventCodec());
          types.add(event.type() + "." + event.version());
          leafHashes.add(leafHash(event));
        }
      }
      assertThat(leafHashes).as(dump.toString()).isEqualTo(recordedFor(dump));
    }
    assertThat(types).as("types and versions").hasSizeGreaterThanOrEqualTo(TYPES_OF_FIRST_DUMP);
  }

  private static List<Path> dumps() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      List<Path> dumps = files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
      assertThat(dumps).isNotEmpty();
      return dumps;
    }
  }

  private static List<String> recordedFor(Path dump) throws IOException {
    String name = dump.getFileName().toString().replace(".sql", ".json");
    JsonNode recorded = JsonMapper.shared().readTree(Files.readString(dump.resolveSibling(name)));
    return recorded.path("leafHashes").values().stream().map(JsonNode::asString).toList();
  }

  private static String leafHash(EventRow event) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update((byte) 0);
    return HexFormat.of().formatHex(sha256.digest(LeafBytes.of(event)));
  }
}
