package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.ReplicatedDatabase;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * A query node that follows the log on a streaming replica: it never claims to be fresher than it
 * is, and continues when the replica becomes the primary.
 */
@Tag("long")
@Tag("tools")
@Timeout(300)
class ReplicaIT {
  private static final Duration SETTLED_MAX = Duration.ofSeconds(60);
  private static final String BODY = "{%s}".formatted(Issuer.fields("read:users"));

  @Test
  void aLaggingReplicaIsStaleAndAPromotedOneIsListenedTo() throws Exception {
    try (ReplicatedDatabase database = ReplicatedDatabase.start();
        KeyledgerProcess command =
            KeyledgerProcess.start(Application.COMMAND_SIDE, database.environment());
        KeyledgerProcess query =
            KeyledgerProcess.start(Application.QUERY_SIDE, database.environmentOnReplica())) {
      assertThat(query.output()).contains("following the log from a standby");
      assertFollows(command, query);

      IssuedKey key = command.issuer().issued("read:users");
      assertThat(since(query, key.answer()).codeOf(key.secret())).isEqualTo("VALID");
      database.pauseReplay();
      Answer revoked = command.issuer().command(key, "revoke", "{}");
      assertSaysThatItLags(query, key, revoked);

      database.resumeReplay();
      awaitFresh(query, key, "REVOKED");

      database.switchOver();
      await()
          .atMost(SETTLED_MAX)
          .until(() -> query.output().contains("following the log from a primary"));
      await()
          .atMost(SETTLED_MAX)
          .until(() -> command.root().post("/v1/keys", BODY).status() == 201);
      assertFollows(command, query);
    }
  }

  private static void assertFollows(KeyledgerProcess command, KeyledgerProcess query) {
    IssuedKey key = command.issuer().issued("read:users");
    assertThat(since(query, key.answer()).codeOf(key.secret())).isEqualTo("VALID");
    Answer revoked = command.issuer().command(key, "revoke", "{}");
    assertThat(since(query, revoked).codeOf(key.secret())).isEqualTo("REVOKED");
    awaitFresh(query, key, "REVOKED");
    assertThat(since(query, revoked).client().get("/v1/keys?limit=1").text()).contains(key.id());
  }

  private static void assertSaysThatItLags(KeyledgerProcess query, IssuedKey key, Answer revoked) {
    Answer waited = since(query, revoked).verify("{\"key\": \"%s\"}".formatted(key.secret()));
    assertThat(waited.status()).isEqualTo(503);
    assertThat(waited.body().path("code").asString()).isEqualTo("not-yet-applied");

    JsonNode before = query.issuer().verified(key.secret());
    assertThat(before.path("code").asString()).isEqualTo("VALID");
    assertThat(asOf(before)).isBefore(Instant.parse(revoked.body().path("revokedAt").asString()));
    await()
        .atMost(SETTLED_MAX)
        .until(() ->
            fresh(query, key).status() == 503
                && fresh(query, key).body().path("code").asString().equals("stale"));
    assertThat(asOf(query.issuer().verified(key.secret()))).isEqualTo(asOf(before));
  }

  private static void awaitFresh(KeyledgerProcess query, IssuedKey key, String code) {
    await()
        .atMost(SETTLED_MAX)
        .until(() -> fresh(query, key).body().path("code").asString().equals(code));
  }

  /** Returns the answer of a node that has had contact to the log in the last three seconds. */
  private static Answer fresh(KeyledgerProcess query, IssuedKey key) {
    return query.issuer().verify("{\"key\": \"%s\", \"maxAge\": \"PT3S\"}".formatted(key.secret()));
  }

  private static Instant asOf(JsonNode verdict) {
    return Instant.parse(verdict.path("asOf").asString());
  }

  /** Returns a caller of that side that presents the position of an earlier answer. */
  private static Issuer since(KeyledgerProcess side, Answer earlier) {
    return new Issuer(
        side.root()
            .header("Keyledger-At-Least", earlier.header("Keyledger-Position"))
            .header("Keyledger-Wait", "PT10S"));
  }
}
