package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A full disk of PostgreSQL: nothing is half-written, checks continue, and once there is room
 * again, so do commands.
 */
@Tag("tools")
@Timeout(180)
class DiskFullIT {
  private static final Duration RECOVERED_MAX = Duration.ofSeconds(60);

  /** The maximum number of commands until PostgreSQL's reserve is used up. */
  private static final int COMMANDS_MAX = 10_000;

  private static final int BLOCK_BYTES = 64 * 1024;

  @Test
  void aFullDiskStopsCommandsOnly() throws Exception {
    Path disk = Files.createTempDirectory("keyledger-small-disk-");
    run("mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", disk.toString());
    try (OwnDatabase database = OwnDatabase.start(disk);
        var keyledger = KeyledgerProcess.start(Application.STANDALONE, database.environment())) {
      Issuer issuer = keyledger.issuer();
      IssuedKey key = issuer.issued("read:users");
      await().until(() -> issuer.codeOf(key.secret()).equals("VALID"));
      Path filler = disk.resolve("filler");
      fill(filler);

      long acknowledged = 1;
      Answer answer = issue(keyledger);
      while (answer.status() == 201) {
        acknowledged++;
        assertThat(acknowledged).isLessThan(COMMANDS_MAX);
        answer = issue(keyledger);
      }
      assertThat(answer.status()).as(answer.text()).isEqualTo(503);
      assertThat(answer.body().path("code").asString())
          .isIn("store-unavailable", "outcome-unknown");
      assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");

      Files.delete(filler);
      await().atMost(RECOVERED_MAX).until(() -> issue(keyledger).status() == 201);
      assertWhole(database, acknowledged + 1);
      await().atMost(RECOVERED_MAX).until(() -> issuer.codeOf(key.secret()).equals("VALID"));
      System.out.println("DiskFullIT: full after " + acknowledged + " commands");
    } finally {
      run("umount", "--lazy", disk.toString());
      Files.delete(disk);
    }
  }

  private static void assertWhole(OwnDatabase database, long acknowledged) throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                SELECT (SELECT position FROM log.log_head), count(*), max(position),
                  (SELECT count(*) FROM log.key_secret), (SELECT count(*) FROM log.key_owner)
                FROM log.event
                """)) {
      row.next();
      long head = row.getLong(1);
      assertThat(head).isGreaterThanOrEqualTo(acknowledged);
      for (int column = 2; column <= 5; column++) {
        assertThat(row.getLong(column)).isEqualTo(head);
      }
    }
  }

  private static Answer issue(KeyledgerProcess keyledger) {
    return keyledger
        .root()
        .post(
            "/v1/keys",
            "{%s, \"metadata\": {\"large\": \"%s\"}}"
                .formatted(Issuer.fields("read:users"), "x".repeat(4_000)));
  }

  private static void fill(Path filler) {
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[BLOCK_BYTES]);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
