package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

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
 * A node starts from a snapshot of its index, or says why it does not, and decides alike in any
 * case.
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
      IssuedKey revoked = issued(issuer);
      revoke(issuer, revoked);
      IssuedKey rotated = issued(issuer);
      expected.put(issuer.rotated(rotated, "{\"overlap\": \"PT1H\"}").secret(), "VALID");

      assertThat(saidSince(keyledger, keyledger::terminate))
          .contains("wrote a snapshot of 3 keys as of position");
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains("loading 3 keys as of position", "loaded 3 keys", "; 0 events follow")
          .contains("caught up with the log at position")
          .doesNotContain("is not used");
      assertAnswers(issuer);

      // What a crash keeps from being written, the log has.
      issued(issuer);
      revoke(issuer, kept);
      keyledger.kill9();
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains("loading 3 keys", "; 2 events follow");
      assertAnswers(issuer);

      keyledger.terminate();
      List<Path> files = snapshots(keyledger);
      assertThat(files).hasSize(2);
      damage(files.getLast());
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains(files.getLast() + " is not used: it is damaged or forged")
          .contains("loading 3 keys", "; 2 events follow");
      assertAnswers(issuer);

      issued(issuer);
      keyledger.terminate();
      assertThat(keyledger.command("new-incarnation")).isZero();
      assertThat(saidSince(keyledger, keyledger::restart))
          .contains("is not used: it is of incarnation 1 of the log, which is in its 2")
          .contains("no snapshot to start from")
          .doesNotContain("loading");
      assertAnswers(issuer);

      assertThat(saidSince(keyledger, keyledger::terminate)).contains("wrote a snapshot of 5 keys");
      assertThat(saidSince(keyledger, keyledger::restart)).contains("loading 5 keys");
      assertAnswers(issuer);
    }
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

  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
