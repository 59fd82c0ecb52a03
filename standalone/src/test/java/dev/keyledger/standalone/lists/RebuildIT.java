package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The rebuild of lists from the log: the result has the digest of the lists that followed the log,
 * even if the rebuild was killed. To repeat a history, pass its seed as {@code
 * -Dkeyledger.rebuild.seed=}.
 */
@Timeout(240)
class RebuildIT {
  private static final long SEED = Long.getLong("keyledger.rebuild.seed", System.nanoTime());
  private static final int COMMANDS = 150;

  /** The number of imports, enough for a rebuild of several transactions. */
  private static final int IMPORTS = 2;

  private static final int IMPORTED_AT_ONCE = 1000;
  private static final Map<String, String> EXPOSED =
      Map.of("MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE", "health,digests");

  @Test
  void aQueryNodeRebuildsWhileAnotherServes(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      var environment = new LinkedHashMap<>(database.environment());
      environment.putAll(EXPOSED);
      try (var command = KeyledgerProcess.start(Application.COMMAND_SIDE, environment);
          var follower = KeyledgerProcess.start(Application.QUERY_SIDE, environment)) {
        String last = live(command.issuer(), database);
        JsonNode before = digests(follower, last);
        try (var latecomer = KeyledgerProcess.start(Application.QUERY_SIDE, environment)) {
          assertThat(digests(latecomer, last)).isEqualTo(before);
          latecomer.terminate();
          rebuildKilledOnce(latecomer, database);
          assertThat(digests(follower, last)).isEqualTo(before);
          latecomer.restart();
          assertThat(digests(latecomer, last)).isEqualTo(before);
        }
      }
    }
  }

  /** Halts the rebuild in its second transaction, kills it there, and runs it again. */
  private static void rebuildKilledOnce(KeyledgerProcess keyledger, OwnDatabase database)
      throws SQLException {
    execute(
        database,
        """
        CREATE FUNCTION read.halt() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_sleep(25); RETURN NEW; END';
        CREATE TRIGGER halt BEFORE UPDATE ON read.projection FOR EACH ROW
          WHEN (NEW.name = 'directory rebuilt' AND NEW.position > 1000)
          EXECUTE FUNCTION read.halt()
        """);
    keyledger.terminate();
    keyledger.launchCommand("rebuild");
    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> halted(database) == 1);
    keyledger.kill9();
    execute(
        database,
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE wait_event = 'PgSleep';
        DROP FUNCTION read.halt() CASCADE
        """);

    assertThat(keyledger.command("rebuild")).isZero();
    assertThat(keyledger.output())
        .contains(
            "directory: continuing a rebuild after position 1000",
            "directory: rebuilt up to position ",
            "audit: rebuilt up to position ");
  }

  /** Returns whether the sweep has recorded all changes of the keys that are due. */
  private static boolean nothingIsDue(OwnDatabase database) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                SELECT list.position = head.position AND NOT EXISTS (
                  SELECT FROM schedule.key_rotation
                  WHERE due_micros <= extract(epoch FROM clock_timestamp()) * 1000000)
                FROM schedule.due_list list, log.log_head head
                """)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static int halted(OwnDatabase database) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void execute(OwnDatabase database, String sql) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static JsonNode digests(KeyledgerProcess keyledger, String last) {
    var client = keyledger.root().header("Keyledger-At-Least", last);
    for (String list : List.of("/v1/keys/expiring", "/v1/keys", "/v1/audit")) {
      assertThat(client.get(list).status()).as(list).isEqualTo(200);
    }
    JsonNode digests = keyledger.root().get("/actuator/digests").body();
    assertThat(digests.propertyNames()).containsExactly("audit", "directory", "index");
    return digests;
  }

  /**
   * Records a random history; returns the token of its end, after which nothing is due for a while.
   */
  private static String live(Issuer issuer, OwnDatabase database) {
    System.out.println("RebuildIT: seed " + SEED);
    var random = new Random(SEED);
    for (int i = 0; i < IMPORTS; i++) {
      assertThat(issuer.client().post("/v1/keys/import", imports(i)).status()).isEqualTo(200);
    }
    var keys = new ArrayList<>(List.of(issuer.issued("read:users")));
    for (int i = 0; i < COMMANDS; i++) {
      IssuedKey key = keys.get(random.nextInt(keys.size()));
      if (random.nextInt(4) == 0) {
        keys.add(issuer.issuedWith("\"lifetime\": \"P%dD\"".formatted(1 + random.nextInt(300))));
      } else {
        Answer answer = change(issuer, key, random);
        assertThat(answer.status()).as(answer.text()).isIn(200, 409, 422);
      }
    }
    var everybody = issuer.client().post("/v1/owners/user/7/revoke-keys", "{}");
    assertThat(everybody.body().path("revoked")).isNotEmpty();
    await().atMost(Duration.ofSeconds(60)).until(() -> nothingIsDue(database));
    return issuer.issued().answer().header("Keyledger-Position");
  }

  private static Answer change(Issuer issuer, IssuedKey key, Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> issuer.command(key, "renew", "{\"lifetime\": \"P310D\"}");
      case 1 -> issuer.command(key, "rotate", "{\"closeOverlap\": true}");
      case 2 -> issuer.command(key, "retire-secret", "{}");
      case 3 -> issuer.command(key, "suspend", "{\"reason\": \"seen elsewhere\"}");
      case 4 -> issuer.command(key, "resume", "{}");
      case 5 -> issuer.command(key, "revoke", "{}");
      case 6 ->
          issuer.command(
              key,
              "transfer",
              "{\"owner\": {\"type\": \"user\", \"id\": \"%d\"}}".formatted(random.nextInt(9)));
      case 7 ->
          issuer.client().put(key.path() + "/permissions", "{\"permissions\": [\"read:orders\"]}");
      case 8 ->
          issuer
              .client()
              .put(key.path() + "/restrictions", "{\"ipAllowList\": [\"203.0.113.0/24\"]}");
      default ->
          issuer.client().patch(key.path(), "{\"name\": \"Name %d\"}".formatted(random.nextInt()));
    };
  }

  private static String imports(int round) {
    return IntStream.range(0, IMPORTED_AT_ONCE)
        .mapToObj(i ->
            """
            {"name": "Old", "owner": {"type": "user", "id": "%d"}, "permissions": [],
             "secretSha256": "%064x"}\
            """
                .formatted(i % 100, (long) round * IMPORTED_AT_ONCE + i + 1))
        .collect(Collectors.joining(",", "{\"keys\": [", "]}"));
  }
}
