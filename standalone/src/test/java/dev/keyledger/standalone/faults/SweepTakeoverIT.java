package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two command nodes that share the sweep. One of them is killed during a sweep, and no reminder is
 * lost, duplicated, or more than a minute late.
 */
@Timeout(240)
class SweepTakeoverIT {
  private static final int KEYS = 1000;
  private static final Duration LATE_MAX = Duration.ofMinutes(1);
  private static final Duration PICKED_POLL = Duration.ofMillis(5);

  /** The query for events that were recorded twice, too early, too late or not by the system. */
  private static final String WRONG =
      """
      WITH reminder AS (
        SELECT stream_id, type, time, actor_type, convert_from(payload, 'UTF8')::json AS data
        FROM log.event
        WHERE type IN ('ExpiryApproaching', 'KeyExpired')
      ), due AS (
        SELECT *, (data ->> 'expiresAt')::timestamptz
          - CASE type WHEN 'KeyExpired' THEN interval '0' ELSE interval '3 seconds' END AS due_at
        FROM reminder
      )
      SELECT
        (SELECT count(*) - count(DISTINCT (stream_id, type, data::text)) FROM due)
        + (SELECT count(*) FROM due WHERE time < due_at OR time > due_at + interval '1 minute')
        + (SELECT count(*) FROM due WHERE actor_type <> 'system')
      """;

  @Test
  void aKilledNodeLosesAndDoublesNoReminder(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        KeyledgerProcess one =
            KeyledgerProcess.start(Application.COMMAND_SIDE, database.environment());
        KeyledgerProcess other =
            KeyledgerProcess.start(Application.COMMAND_SIDE, database.environment())) {
      Answer policy =
          one.root().patch("/v1/workspaces/default", "{\"policy\": {\"reminders\": [\"PT3S\"]}}");
      assertThat(policy.status()).as(policy.text()).isEqualTo(200);
      Instant first = Instant.now().plusSeconds(10);
      var keys = new ArrayList<String>();
      for (int part = 0; part < 5; part++) { // two hundred keys fall due each second
        keys.addAll(imported(part % 2 == 0 ? one : other, part, first.plusSeconds(part)));
      }
      List<String> renewed = keys.subList(0, 20);
      renewed.forEach(key -> done(other.root(), key + "/renew", "{\"lifetime\": \"P1D\"}"));
      List<String> revoked = keys.subList(20, 40);
      revoked.forEach(key -> done(one.root(), key + "/revoke", "{}"));
      List<String> suspended = keys.subList(40, 60);
      suspended.forEach(key -> done(other.root(), key + "/suspend", "{}"));

      await().atMost(LATE_MAX).until(() -> recorded(database) > KEYS / 10);
      await().pollInterval(PICKED_POLL).atMost(LATE_MAX).until(() -> !sweeper(database).isEmpty());
      KeyledgerProcess sweeping =
          sweeper(database).endsWith(":" + one.uri().getPort()) ? one : other;
      sweeping.kill9();

      int expected = 2 * (KEYS - renewed.size() - revoked.size());
      await().atMost(LATE_MAX).until(() -> recorded(database) >= expected);
      assertThat(number(database, WRONG)).as("wrong reminders").isZero();
      assertThat(recorded(database)).isEqualTo(expected);
      for (String key : List.of(renewed.getFirst(), revoked.getFirst())) {
        assertThat(remindersOf(database, key)).as(key).isZero();
      }
      assertThat(remindersOf(database, suspended.getFirst())).isEqualTo(2);
    }
  }

  private static List<String> imported(KeyledgerProcess node, int part, Instant expiresAt) {
    String keys =
        IntStream.range(part * KEYS / 5, (part + 1) * KEYS / 5)
            .mapToObj(i ->
                """
                {"name": "Brief", "owner": {"type": "app", "id": "brief"}, "permissions": [],
                 "expiresAt": "%s", "secretSha256": "%064x"}
                """
                    .formatted(expiresAt, i + 1))
            .collect(Collectors.joining(","));
    Answer answer = node.root().post("/v1/keys/import", "{\"keys\": [" + keys + "]}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer
        .body()
        .path("results")
        .valueStream()
        .map(result -> "/v1/keys/" + result.path("keyId").asString())
        .toList();
  }

  private static JsonNode done(Client client, String path, String body) {
    Answer answer = client.post(path, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  /** Returns the name of the node that has the task now; empty if none has. */
  private static String sweeper(OwnDatabase database) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT picked_by FROM schedule.scheduled_tasks WHERE picked_by IS NOT NULL")) {
      return row.next() ? row.getString(1) : "";
    }
  }

  private static long recorded(OwnDatabase database) throws SQLException {
    return number(
        database,
        "SELECT count(*) FROM log.event WHERE type IN ('ExpiryApproaching', 'KeyExpired')");
  }

  private static long remindersOf(OwnDatabase database, String path) throws SQLException {
    return number(
        database,
        "SELECT count(*) FROM log.event WHERE type IN ('ExpiryApproaching', 'KeyExpired')"
            + " AND stream_id = '%s'".formatted(path.substring(path.lastIndexOf('/') + 1)));
  }

  private static long number(OwnDatabase database, String query) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
