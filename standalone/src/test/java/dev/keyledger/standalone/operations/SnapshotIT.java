package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The start from a snapshot of the index: a node uses it or logs why not, and decides alike in any
 * case, also after a restore of a backup, as described in docs/operations.md.
 */
@Timeout(600)
class SnapshotIT {
  private final Map<String, String> expected = new LinkedHashMap<>();

  @Test
  void whateverBecomesOfSnapshotsTheAnswersAreRight() throws Exception {
    try (var keyledger = KeyledgerProcess.standalone()) {
      Issuer issuer = keyledger.issuer();
      assertThat(keyledger.output()).contains("no snapshot to start from");
      IssuedKey kept = issued(issuer);
      revoke(issuer, issued(issuer));
      IssuedKey rotated = issued(issuer);
      expected.put(issuer.rotated(rotated, "{\"overlap\": \"PT1H\"}").secret(), "VALID");
      assertAnswers(issuer);

      assertThat(saidSince(keyledger, keyledger::terminate))
          .contains("wrote a snapshot of 3 keys as of position");
      Path data = keyledger.dataDirectory().resolve("postgres/data");
      Path backup = data.resolveSibling("backup");
      copy(data, backup);
      Map<String, String> expectedOfBackup = Map.copyOf(expected);
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains("loading 3 keys as of position", "loaded 3 keys", "; 0 events follow")
          .contains("caught up with the log at position")
          .doesNotContain("is not used");
      assertThat(issuer.read(kept).has("lastUsedAt")).as("written at the end").isTrue();
      assertAnswers(issuer);

      // The last snapshot is damaged: the log has the events that the one before it lacks.
      issued(issuer);
      revoke(issuer, kept);
      keyledger.terminate();
      List<Path> files = snapshots(keyledger);
      assertThat(files).hasSize(2);
      damage(files.getLast());
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains(files.getLast() + " is not used: it is damaged or forged")
          .contains("loading 3 keys", "; 2 events follow");
      assertAnswers(issuer);

      IssuedKey lost = issuer.issued("read:users");
      assertThat(issuer.codeOf(lost.secret())).isEqualTo("VALID");
      keyledger.terminate();
      Files.move(data, data.resolveSibling("lost"));
      Files.move(backup, data);
      assertThat(keyledger.command("new-incarnation")).isZero();
      assertThat(keyledger.output()).contains("incarnation 2");
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains("is not used: it is of incarnation 1 of the log, which is in its 2")
          .contains("no snapshot to start from")
          .doesNotContain("loading");
      expected.replaceAll((secret, _) -> expectedOfBackup.getOrDefault(secret, "NOT_FOUND"));
      expected.put(lost.secret(), "NOT_FOUND");
      assertAnswers(issuer);
      assertTokensOfTheLostTimeAreRefused(keyledger, lost);

      assertThat(saidSince(keyledger, keyledger::terminate)).contains("wrote a snapshot of 4 keys");
    }
  }

  private void assertTokensOfTheLostTimeAreRefused(KeyledgerProcess keyledger, IssuedKey lost) {
    Answer refused = keys(keyledger, lost);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().path("code").asString()).isEqualTo("invalid-position-token");
    assertThat(keys(keyledger, issued(keyledger.issuer())).status()).isEqualTo(200);
  }

  private static Answer keys(KeyledgerProcess keyledger, IssuedKey since) {
    String token = since.answer().header("Keyledger-Position");
    return keyledger.root().header("Keyledger-At-Least", token).get("/v1/keys");
  }

  private IssuedKey issued(Issuer issuer) {
    IssuedKey key = issuer.issued("read:users");
    expected.put(key.secret(), "VALID");
    return key;
  }

  private void revoke(Issuer issuer, IssuedKey key) {
    issuer.done(key, "revoke", "{}");
    expected.put(key.secret(), "REVOKED");
  }

  private void assertAnswers(Issuer issuer) {
    expected.forEach((secret, code) -> assertThat(issuer.codeOf(secret)).isEqualTo(code));
  }

  private static String saidSince(KeyledgerProcess keyledger, Runnable step) {
    int before = keyledger.output().length();
    step.run();
    return keyledger.output().substring(before);
  }

  private static List<Path> snapshots(KeyledgerProcess keyledger) throws IOException {
    try (Stream<Path> files = Files.list(keyledger.dataDirectory().resolve("snapshots"))) {
      return files.sorted().toList();
    }
  }

  private static void copy(Path from, Path to) throws Exception {
    Process copy =
        new ProcessBuilder("cp", "-aT", from.toString(), to.toString()).inheritIO().start();
    assertThat(copy.waitFor()).isZero();
  }

  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
