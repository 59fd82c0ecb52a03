package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * An event that this version cannot read is never skipped: the node is not ready, says why, and
 * decides nothing any more, for it may have been a revocation.
 */
@Timeout(180)
class PoisonEventIT {
  private static final String APPEND =
      """
      WITH head AS (
        UPDATE log.log_head SET position = position + 1, time = greatest(time, clock_timestamp())
        RETURNING position, time)
      INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
        time, actor_type, request_id, payload, context_hash)
      SELECT position, 'key', ?, 1, 'default', ?, ?, time, 'root', 'by-hand', '{}', sha256('')
      FROM head
      """;

  @ParameterizedTest
  @CsvSource({"KeyTeleported, 1", "KeyRevoked, 2"})
  void whatCannotBeReadStopsARunningAndAStartingNode(String type, int version) throws Exception {
    try (var keyledger = KeyledgerProcess.standalone()) {
      Issuer issuer = keyledger.issuer();
      IssuedKey key = issuer.issued("read:users");
      assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");

      append(keyledger, key, type, version);
      assertStopped(keyledger, key, type, version);
      assertThat(keyledger.output()).contains("following the log stopped for good");

      keyledger.relaunch();
      assertStopped(keyledger, key, type, version);
    }
  }

  private static void assertStopped(
      KeyledgerProcess keyledger, IssuedKey key, String type, int version) {
    JsonNode health =
        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptionsInstanceOf(UncheckedIOException.class)
            .until(
                () -> keyledger.client().get("/actuator/health/readiness"),
                answer -> answer.status() == 503 && answer.text().contains("\"failure\""))
            .body();
    JsonNode ledger = health.at("/components/ledger/details");
    assertThat(ledger.path("failure").asString()).contains(type, Integer.toString(version));
    assertThat(ledger.path("position").asLong()).isEqualTo(1);

    Answer verify = keyledger.issuer().verify("{\"key\": \"%s\"}".formatted(key.secret()));
    assertThat(verify.status()).isEqualTo(503);
    assertThat(verify.body().path("code").asString()).isEqualTo("stale");
    assertThat(keyledger.client().bearer(key.secret()).get("/v1/forward-auth").status())
        .isEqualTo(503);
  }

  private static void append(KeyledgerProcess keyledger, IssuedKey key, String type, int version)
      throws SQLException {
    try (var connection = keyledger.database();
        var statement = connection.prepareStatement(APPEND)) {
      statement.setString(1, key.id());
      statement.setString(2, type);
      statement.setInt(3, version);
      assertThat(statement.executeUpdate()).isEqualTo(1);
    }
  }
}
