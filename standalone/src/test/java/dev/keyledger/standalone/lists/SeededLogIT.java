package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.benchmarks.seeding.Seeder;
import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.verification.secret.Peppers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A log that the seeder of the benchmarks filled: it is like any other. */
@Timeout(240)
class SeededLogIT {
  private static final int KEYS = 2_034; // no multiple of anything
  private static final String PEPPERS = "1:" + "A".repeat(43) + "=";
  private static final Duration LISTED_MAX = Duration.ofSeconds(60);

  private final Instant end = InstantSource.system().instant().truncatedTo(ChronoUnit.MICROS);
  private final Peppers peppers = Peppers.parse(PEPPERS);
  private final SeededKeys keys = new SeededKeys(peppers, KEYS, end);
  private final EventCodec codec = new EventCodec();

  @Test
  void aNodeOnASeededLogKnowsEveryKeyOfIt(@TempDir Path directory) throws Exception {
    try (DataDirectory data = DataDirectory.open(directory.resolve("data"));
        EmbeddedDatabase database = EmbeddedDatabase.start(data, _ -> {})) {
      var settings =
          new DatabaseSettings(database.jdbcUrl(), database.username(), database.password());
      var seeder = new Seeder(settings, peppers, InstantSource.fixed(end));
      try (LedgerDatabase log = LedgerDatabase.open(settings)) {
        List<String> constraints = constraints(log);
        seeder.seed(KEYS, _ -> {});
        assertThat(constraints(log)).isEqualTo(constraints).isNotEmpty();
        holdsWhatWasSeeded(log);
        assertThatThrownBy(() -> seeder.seed(1, _ -> {}))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("not empty");
      }
      try (KeyledgerProcess query =
          KeyledgerProcess.start(Application.QUERY_SIDE, environment(settings))) {
        answersAsSeeded(query);
        listsAreComplete(query.root());
      }
    }
  }

  private void holdsWhatWasSeeded(LedgerDatabase log) throws SQLException {
    var seeded = new ArrayList<LoggedEvent>();
    for (long number = 0; number < KEYS; number++) {
      seeded.addAll(keys.eventsOf(number));
    }
    assertThat(seeded)
        .hasSize((int) SeededKeys.eventsBefore(KEYS))
        .isSortedAccordingTo((a, b) -> a.time().compareTo(b.time()));

    var reader = new LogReader(log, codec);
    assertThat(reader.head().position()).isEqualTo(seeded.size());
    assertThat(reader.readAfter(0, KEYS * 3)).isEqualTo(seeded);
    assertThat(column(log, "SELECT encode(payload, 'hex') FROM log.event ORDER BY position"))
        .isEqualTo(
            seeded.stream()
                .map(event -> HexFormat.of().formatHex(codec.encode(event.event())))
                .toList());
    assertThat(
            column(
                log,
                "SELECT count(*)::text FROM log.event"
                    + " WHERE context_hash = sha256(context_salt || context)"))
        .containsExactly(Integer.toString(seeded.size()));

    var sideRows = new KeySideRows(log);
    Set<Digest> digests = digestsOf(seeded);
    assertThat(sideRows.known(SeededKeys.WORKSPACE, digests)).isEqualTo(digests);
    assertThat(column(log, "SELECT key_id FROM log.key_secret")).hasSize(digests.size());
    assertThat(sideRows.ownedBy(SeededKeys.WORKSPACE, SeededKeys.ownerOf(57), null, 20))
        .hasSize(10)
        .contains(keys.keyId(57));
    long revoked =
        LongStream.range(0, KEYS)
            .filter(number -> SeededKeys.fateOf(number) == SeededKeys.Fate.REVOKED)
            .count();
    assertThat(column(log, "SELECT key_id FROM log.key_owner")).hasSize((int) (KEYS - revoked));
  }

  private static Set<Digest> digestsOf(List<LoggedEvent> events) {
    var digests = new HashSet<Digest>();
    for (LoggedEvent event : events) {
      if (event.event() instanceof KeyEvent.IntroducesSecret added) {
        digests.add(added.secret().digest());
      }
    }
    return digests;
  }

  private void answersAsSeeded(KeyledgerProcess query) {
    Issuer issuer = query.issuer();
    for (long number = 1_900; number < 2_000; number += 3) {
      String expected =
          switch (SeededKeys.fateOf(number)) {
            case REVOKED -> "REVOKED";
            case EXPIRED -> "EXPIRED";
            case ROTATED, RENEWED, ISSUED -> "VALID";
          };
      assertThat(issuer.codeOf(secret(number, 1))).isEqualTo(expected);
      if (SeededKeys.fateOf(number) == SeededKeys.Fate.ROTATED) {
        assertThat(issuer.codeOf(secret(number, 2))).isEqualTo("VALID");
      }
    }
    assertThat(issuer.codeOf(secret(KEYS, 1))).isEqualTo("NOT_FOUND");
  }

  private String secret(long number, int generation) {
    return keys.secret(number, generation).revealToItsCaller();
  }

  private void listsAreComplete(Client root) {
    var all = new HashSet<String>();
    for (long number = 0; number < KEYS; number++) {
      all.add(keys.keyId(number).value());
    }
    await()
        .atMost(LISTED_MAX)
        .untilAsserted(() ->
            assertThat(
                    root.get("/v1/keys?limit=1")
                        .body()
                        .path("data")
                        .path(0)
                        .path("name")
                        .asString())
                .isEqualTo("Key " + (KEYS - 1)));
    var listed = new ArrayList<String>();
    String path = "/v1/keys?limit=200";
    JsonNode page = root.get(path).body();
    page.path("data").forEach(key -> listed.add(key.path("keyId").asString()));
    while (page.has("nextCursor")) {
      page = root.get(path + "&cursor=" + page.path("nextCursor").asString()).body();
      page.path("data").forEach(key -> listed.add(key.path("keyId").asString()));
    }
    assertThat(listed).hasSize(KEYS).containsExactlyInAnyOrderElementsOf(all);
    assertThat(root.get("/v1/audit?limit=1").body().path("data").path(0).path("position").asLong())
        .isEqualTo(SeededKeys.eventsBefore(KEYS));
  }

  private static List<String> constraints(LedgerDatabase log) throws SQLException {
    return column(
        log,
        """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'log'::regnamespace ORDER BY 1
        """);
  }

  private static List<String> column(LedgerDatabase log, String query) throws SQLException {
    try (Connection connection = log.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      var values = new ArrayList<String>();
      while (row.next()) {
        values.add(row.getString(1));
      }
      return values;
    }
  }

  private static Map<String, String> environment(DatabaseSettings settings) {
    return Map.of(
        "KEYLEDGER_DATABASE_URL", settings.jdbcUrl(),
        "KEYLEDGER_DATABASE_USERNAME", settings.username(),
        "KEYLEDGER_DATABASE_PASSWORD", settings.password(),
        "KEYLEDGER_ROOT_KEY", "root-key-of-a-node-on-a-seeded-log",
        "KEYLEDGER_PEPPERS", PEPPERS);
  }
}
