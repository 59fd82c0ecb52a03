package dev.keyledger.log;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
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
      var keys = new TreeSet<KeyId>(comparing(KeyId::value));
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
          if (row.getString("stream_kind").equals("key")) {
            keys.add(new KeyId(row.getString("stream_id")));
          }
        }
        assertOnlyKeysThatAreNotRevokedHaveOwners(database, keys);
      }
      assertThat(leafHashes).as(dump.toString()).isEqualTo(recordedFor(dump));
    }
    assertThat(types).as("types and versions").hasSizeGreaterThanOrEqualTo(TYPES_OF_FIRST_DUMP);
  }

  private static void assertOnlyKeysThatAreNotRevokedHaveOwners(
      LedgerDatabase database, Set<KeyId> keys) throws SQLException {
    var sideRows = new KeySideRows(database);
    int owned = 0;
    for (KeyView key : new LogReader(database, new EventCodec()).keys(keys).values()) {
      List<KeyId> ofOwner = sideRows.ownedBy(key.workspace(), key.facts().owner(), null, 100);
      boolean revoked = key.state() instanceof KeyState.Revoked;
      assertThat(ofOwner.contains(key.keyId())).as("%s has an owner", key).isEqualTo(!revoked);
      owned += revoked ? 0 : 1;
    }
    try (Connection connection = database.openDedicated();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM log.key_owner")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(owned);
    }
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
