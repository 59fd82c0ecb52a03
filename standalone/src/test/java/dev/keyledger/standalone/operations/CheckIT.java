package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import dev.keyledger.verifylog.CannotCheckException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The command {@code check} after changes by the owner of the database: it finds each of them, and
 * nothing else.
 */
@Timeout(180)
@TestInstance(Lifecycle.PER_CLASS)
class CheckIT {
  private static final List<String> TABLES =
      List.of(
          "log.event",
          "log.log_head",
          "log.key_secret",
          "log.key_owner",
          "log.key_reminder",
          "log.idempotency",
          "read.directory",
          "read.directory_count",
          "read.directory_expiry",
          "read.audit",
          "read.audit_day",
          "read.projection");

  /** The number of events; those of the first key are at 1 to 10. */
  private static final int EVENTS = 33;

  private final KeyledgerProcess keyledger = KeyledgerProcess.standalone();
  private String noted = "";

  @BeforeAll
  void live() throws SQLException {
    Issuer issuer = keyledger.issuer();
    IssuedKey full =
        issuer.issuedWith(
            "\"metadata\": {\"a\": \"1\"}, \"ipAllowList\": [\"203.0.113.0/24\"],"
                + " \"notBefore\": \"2020-01-01T00:00:00.123456789Z\"",
            "https://example.com/*",
            "read:users");
    issuer.done(full, "renew", "{\"lifetime\": \"P100D\"}");
    issuer.rotated(full, "{}");
    issuer.done(full, "retire-secret", "{}");
    issuer.rotated(full, "{\"overlap\": \"P2D\"}");
    issuer.done(full, "suspend", "{\"reason\": \"found in a log\"}");
    issuer.done(full, "resume", "{}");
    assertThat(
            issuer
                .client()
                .put(full.path() + "/permissions", "{\"permissions\": [\"a:b\", \"read:users\"]}")
                .status())
        .isEqualTo(200);
    assertThat(issuer.client().put(full.path() + "/restrictions", "{\"ipAllowList\": []}").status())
        .isEqualTo(200);
    issuer.done(
        full, "transfer", "{\"owner\": {\"type\": \"user\", \"id\": \"arn:aws:iam::1:user/42\"}}");
    assertThat(issuer.client().patch(full.path(), "{\"name\": \"Über\"}").status()).isEqualTo(200);
    issuer.done(full, "revoke", "{\"revocationReason\": \"leaked\"}");
    for (int i = 0; i < 3; i++) {
      issuer.done(issuer.issued("User.Read", "*"), "renew", "{\"lifetime\": \"P200D\"}");
    }
    issuer.rotated(issuer.issued("read:users"), "{\"lifetime\": \"P200D\"}");
    assertThat(
            issuer
                .client()
                .post(
                    "/v1/keys/import",
                    "{\"keys\": [{%s, \"secretSha256\": \"%s\", \"createdAt\": \"%s\", \"revokedAt\": \"%s\"}]}"
                        .formatted(
                            Issuer.fields("read:users"),
                            "a".repeat(64),
                            "2019-08-01T14:00:00.5+02:00",
                            "2025-12-24T18:30:00Z"))
                .text())
        .contains("keyId");
    plan(issuer);
    issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users"); // its expiry is the last event
    await(EVENTS);
    execute("CREATE SCHEMA kept");
    for (String table : TABLES) {
      execute("CREATE TABLE %s AS TABLE %s".formatted(kept(table), table));
      execute("ALTER TABLE %s DISABLE TRIGGER USER".formatted(table));
    }
  }

  /** Plans changes: one stays open, one is cancelled, and one takes effect. */
  private static void plan(Issuer issuer) {
    String later = "{\"effectiveAt\": \"2099-01-01T00:00:00Z\"}";
    issuer.done(issuer.issued("read:users"), "suspend", later);
    IssuedKey cancelled = issuer.issued("read:users");
    issuer.done(cancelled, "revoke", later);
    issuer.done(cancelled, "cancel-plan", "{}");
    IssuedKey ended = issuer.issued("read:users");
    Instant soon = Instant.now().plusSeconds(1);
    issuer.done(ended, "revoke", "{\"effectiveAt\": \"%s\"}".formatted(soon));
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> issuer.history(ended).size() == 3);
  }

  @AfterAll
  void end() {
    keyledger.close();
  }

  @Test
  void anUntouchedLogIsSound() {
    assertSound();
    assertThat(keyledger.check("--expect", noted).exitCode()).isZero();
  }

  /** Runs the command itself; other tests call it in process. */
  @Test
  void theExitCodeShowsWhetherTheLogIsSound() throws SQLException {
    try {
      execute("DELETE FROM log.event WHERE position = 7");
      CommandResult damaged = keyledger.commandBeside("check");
      assertThat(damaged.output()).contains("hole: 6 is followed by 8");
      assertThat(damaged.exitCode()).isEqualTo(1);
    } finally {
      restore();
    }
    assertSound();
  }

  @Test
  void anotherArgumentIsRefused() {
    assertThatThrownBy(() -> keyledger.check("everything"))
        .isInstanceOf(CannotCheckException.class)
        .hasMessageStartingWith("usage: check [--expect position:digest]");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          DELETE FROM log.event WHERE position = 7                            | hole: 6 is followed by 8
          DELETE FROM log.event WHERE position = 33                           | head: it says 33, the last event is 32
          UPDATE log.log_head SET position = 32                               | head: it says 32, the last event is 33
          UPDATE log.event SET position = position + 1 WHERE position = 33    | hole: 32 is followed by 34
          UPDATE log.log_head SET workspace_position = 3                      | head: it says 3 of workspaces, whose last event is 0
          UPDATE log.event SET time = time - interval '1 hour' WHERE position = 9 | time runs back: position 9
          UPDATE log.event SET sequence = 99 WHERE position = 12              | sequence: position 12
          UPDATE log.event SET type = 'KeySuspended', payload = '{}' WHERE position = 8 | impossible event: position 8
          UPDATE log.event SET type = 'KeyBlessed' WHERE position = 4         | unreadable event: position 4
          UPDATE log.event SET version = 2 WHERE position = 4                 | unknown type SecretRetired version 2
          UPDATE log.event SET payload = '{}' WHERE position = 2              | unreadable event: position 2
          UPDATE log.event SET payload = 'nothing' WHERE position = 2         | its payload is no JSON
          UPDATE log.event SET payload = replace(convert_from(payload, 'UTF8'), '"a:b"', '"a:c"')::bytea WHERE position = 9 | permissions, view.state.facts.permissions] differ
          UPDATE log.event SET context = '{"reason":"nothing"}' WHERE position = 7 | changed context: position 7
          UPDATE log.event SET payload = '{"generation":3,"newSecretUsed":false}' WHERE position = 5 | impossible event: position 5
          DELETE FROM log.key_secret WHERE generation = 2                     | side row of a secret: key_
          INSERT INTO log.key_owner VALUES ('default', 'user', '1', 'key_0')  | of no key of the log
          DELETE FROM log.key_owner                                           | side row of an owner: key_
          UPDATE log.key_owner SET owner_id = 'x'                             | side row of an owner: key_
          DELETE FROM log.key_reminder                                        | side row of a reminder: key_
          UPDATE log.key_reminder SET "offset" = 'P1D'                        | side row of a reminder: key_
          INSERT INTO log.key_reminder VALUES ('key_0', '2027-01-01T00:00:00Z', 'PT0S', now()) | of no key of the log
          INSERT INTO log.idempotency VALUES (sha256('a'), sha256('b'), now(), 99, 'c') | kept answer: position 99
          UPDATE read.directory SET state = 'active' WHERE state = 'revoked'  | [state] differ
          UPDATE read.directory SET view = replace(convert_from(view, 'UTF8'), '"is":"revoked"', '"is":"active"')::bytea WHERE state = 'revoked' | [view.state.is] differ
          UPDATE read.directory SET secret_hint = NULL WHERE state = 'revoked' | [secret_hint] differ
          UPDATE read.directory SET planned_state = 'revoked' WHERE planned_state = 'suspended' | [planned_state] differ
          UPDATE read.directory SET planned_micros = planned_micros + 1       | [planned_micros] differ
          UPDATE read.directory SET leaked = true                             | [leaked] differ
          UPDATE read.directory SET closable_until_micros = 5                 | [closable_until_micros] differ
          DELETE FROM read.directory WHERE state = 'revoked'                  | the row is missing: position 13
          UPDATE read.directory_count SET keys = keys + 1 WHERE grain = 'day' AND kind = 'revoked' | directory_count: default revoked from the beginning:
          DELETE FROM read.directory_count WHERE grain = 'day' AND kind = 'expiries' | : nothing, not
          DELETE FROM read.directory_count WHERE grain = 'minute'             | : minutes and day differ
          UPDATE read.directory_expiry SET until_position = 3 WHERE from_position = 1 | [until_position] differ
          DELETE FROM read.audit WHERE position = 5                           | audit: key_
          UPDATE read.audit SET actor_id = 'nobody' WHERE position = 5        | [actor_id] differ
          UPDATE read.audit SET (key_id, owner_type, owner_id) = (NULL, NULL, NULL) WHERE position = 5 | audit: position 5: the row of a workspace is wrong
          UPDATE read.audit_day SET commands = commands + 1                   | : the number of commands is wrong
          DELETE FROM read.audit_day                                          | audit_day: default
          UPDATE read.projection SET position = 99 WHERE name = 'audit'       | projection: audit is ahead of the log
          """)
  void aDamageIsFound(String damage, String finding) throws SQLException {
    try {
      execute(damage);
      CommandResult check = keyledger.check();
      assertThat(check.output()).contains(finding);
      assertThat(check.exitCode()).isEqualTo(1);
    } finally {
      restore();
    }
  }

  /**
   * Checks that a consistent rewrite of the log is found by comparison with an earlier checkpoint.
   */
  @Test
  void aRewrittenLogIsFoundByWhatWasNotedBefore() throws SQLException {
    assertSound();
    try {
      execute("UPDATE log.event SET actor_type = 'holder', request_id = 'req' WHERE position = 14");
      execute("UPDATE read.audit SET actor_type = 'holder' WHERE position = 14");
      execute("UPDATE log.event SET actor_type = 'holder' WHERE position = 15");
      execute("UPDATE read.audit SET actor_type = 'holder' WHERE position = 15");
      CommandResult check = keyledger.check("--expect", noted);
      assertThat(check.exitCode()).isEqualTo(1);
      assertThat(check.output()).contains("changed log: expected " + noted + ", found 33:");
    } finally {
      restore();
    }
  }

  /** Checks that an erasure does not count as damage. */
  @Test
  void anErasedContextIsSound() throws SQLException {
    try {
      execute("UPDATE log.event SET context = NULL, context_salt = NULL WHERE position = 6");
      assertSound();
    } finally {
      restore();
    }
  }

  private void assertSound() {
    CommandResult check = keyledger.check();
    assertThat(check.output()).contains(EVENTS + " events of 10 keys: sound");
    assertThat(check.exitCode()).isZero();
    Matcher digest =
        Pattern.compile("digest of the log: (" + EVENTS + ":[0-9a-f]{64})").matcher(check.output());
    assertThat(digest.find()).isTrue();
    assertThat(noted).isIn("", digest.group(1));
    noted = digest.group(1);
  }

  private void await(long position) {
    org.awaitility.Awaitility.await()
        .until(() -> number("SELECT min(position) FROM read.projection") == position);
  }

  private long number(String query) throws SQLException {
    try (Connection connection = keyledger.database();
        Statement statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void restore() throws SQLException {
    for (String table : TABLES) {
      execute("DELETE FROM %s; INSERT INTO %1$s SELECT * FROM %s".formatted(table, kept(table)));
    }
  }

  private static String kept(String table) {
    return "kept." + table.replace('.', '_');
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = keyledger.database();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
