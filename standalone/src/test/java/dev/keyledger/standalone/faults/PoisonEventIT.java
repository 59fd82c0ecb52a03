package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * An event that this version cannot read: it is never skipped. The node is not ready, logs why, and
 * makes no more decisions, because the event could be a revocation.
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
      SELECT position, 'key', ?, 1, 'default', 'KeyRevoked', 2, time, 'root', 'by-hand', '{}', sha256('')
      FROM head
      """;

  /** Changes an event as a superuser could: the trigger that forbids it must be dropped first. */
  private static final String MAKE_UNKNOWN =
      """
      ALTER TABLE log.event DISABLE TRIGGER erasure_only;
      UPDATE log.event SET type = 'KeyTeleported', version = 1 WHERE position = 2;
      ALTER TABLE log.event ENABLE TRIGGER erasure_only
      """;

  @Test
  void anUnreadableEventStopsARunningAndAStartingNode() throws Exception {
    try (var keyledger = KeyledgerProcess.standalone()) {
      Issuer issuer = keyledger.issuer();
      IssuedKey key = issuer.issued("read:users");
      assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");

      try (var connection = keyledger.database();
          var append = connection.prepareStatement(APPEND);
          var change = connection.createStatement()) {
        append.setString(1, key.id());
        assertThat(append.executeUpdate()).isEqualTo(1);
        assertStopped(keyledger, key, "KeyRevoked version 2");
        assertThat(keyledger.output()).contains("stopped following the log");
        change.execute(MAKE_UNKNOWN);
      }
      keyledger.relaunch();
      assertStopped(keyledger, key, "KeyTeleported version 1");
    }
  }

  private static void assertStopped(KeyledgerProcess keyledger, IssuedKey key, String unreadable) {
    JsonNode health =
        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptionsInstanceOf(UncheckedIOException.class)
            .until(
                () -> keyledger.root().get("/actuator/health/readiness"),
                answer -> answer.status() == 503 && answer.text().contains("\"failure\""))
            .body();
    assertThat(health.at("/components/ledger/status").asString()).isEqualTo("DOWN");
    JsonNode ledger = health.at("/components/ledger/details");
    assertThat(ledger.path("failure").asString()).contains(unreadable);
    assertThat(ledger.path("position").asLong()).isEqualTo(1);
    assertThat(keyledger.client().get("/actuator/health/readiness").text())
        .isEqualTo("{\"status\":\"DOWN\"}");

    for (String path : List.of(key.path(), key.path() + "/history")) {
      Answer read = keyledger.root().get(path);
      assertThat(read.status()).as(read.text()).isEqualTo(503);
      assertThat(read.body().path("code").asString()).isEqualTo("stale");
    }
    Answer command = keyledger.root().post(key.path() + "/revoke", "{}");
    assertThat(command.status()).as(command.text()).isEqualTo(503);
    assertThat(command.body().path("code").asString()).isEqualTo("stale");

    Answer verify = keyledger.issuer().verify("{\"key\": \"%s\"}".formatted(key.secret()));
    assertThat(verify.status()).isEqualTo(503);
    assertThat(verify.body().path("code").asString()).isEqualTo("stale");
    assertThat(keyledger.client().bearer(key.secret()).get("/v1/forward-auth").status())
        .isEqualTo(503);
  }
}
