package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The rotation of the pepper, as described in docs/operations.md. */
@Timeout(180)
class PepperRotationIT {
  private static final String OLD = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final String NEW = "2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

  private @TempDir Path directory;

  @Test
  void oldKeysGoOnAndNewOnesNeedTheNewPepperOnly() throws IOException {
    Path peppers = directory.resolve("peppers");
    Files.writeString(peppers, OLD);
    try (var keyledger =
        KeyledgerProcess.start(
            Application.STANDALONE, Map.of("KEYLEDGER_PEPPERS_FILE", peppers.toString()))) {
      Issuer issuer = keyledger.issuer();
      IssuedKey old = issuer.issued("read:users");
      String imported = imported(issuer, "a-secret-that-somebody-else-made");
      String dead = imported(issuer, "another-one-whose-key-was-revoked");
      assertThat(issuer.client().post("/v1/keys/" + dead + "/revoke", "{}").status())
          .isEqualTo(200);

      Files.writeString(peppers, NEW + "," + OLD);
      keyledger.restart();
      IssuedKey young = issuer.issued("read:users");
      for (String secret : new String[] {old.secret(), "a-secret-that-somebody-else-made"}) {
        assertThat(issuer.codeOf(secret)).isEqualTo("VALID");
        assertRefused(issuer, secret);
      }
      assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");
      assertRefused(issuer, young.secret());
      assertThat(issuer.codeOf("another-one-whose-key-was-revoked")).isEqualTo("REVOKED");
      assertRefused(issuer, "another-one-whose-key-was-revoked");
      awaitSecretsUnder(keyledger, 1, 2);
      awaitSecretsUnder(keyledger, 2, 1);

      Files.writeString(peppers, NEW);
      keyledger.relaunch();
      JsonNode health = awaitMissingPepper(keyledger);
      assertThat(health.at("/components/ledger/details/missingPeppers").toString())
          .isEqualTo("[1]");
      assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");
      assertThat(issuer.codeOf(old.secret())).isEqualTo("NOT_FOUND");

      Files.writeString(peppers, NEW + "," + OLD);
      keyledger.restart();
      IssuedKey rotated = issuer.rotated(old, "{\"overlap\": \"PT0S\"}");
      awaitSecretsUnder(keyledger, 1, 1);
      assertThat(issuer.client().post("/v1/keys/" + imported + "/revoke", "{}").status())
          .isEqualTo(200);
      awaitSecretsUnder(keyledger, 1, 0);

      Files.writeString(peppers, NEW);
      keyledger.restart();
      assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");
      assertThat(issuer.codeOf(rotated.secret())).isEqualTo("VALID");
    }
  }

  private static String imported(Issuer issuer, String secret) {
    JsonNode result = importResult(issuer, secret);
    assertThat(result.path("keyId").asString("")).as(result.toString()).startsWith("key_");
    return result.path("keyId").asString();
  }

  /** Checks that neither way of importing a secret accepts one that is known under any pepper. */
  private static void assertRefused(Issuer issuer, String secret) {
    JsonNode problem = importResult(issuer, secret).path("problem");
    assertThat(problem.path("status").asInt()).isEqualTo(409);
    assertThat(problem.path("code").asString()).isEqualTo("digest-already-known");
    Answer issued = issuer.client().post("/v1/keys", entry(secret));
    assertThat(issued.status()).as(issued.text()).isEqualTo(409);
    assertThat(issued.body().path("code").asString()).isEqualTo("digest-already-known");
  }

  private static JsonNode importResult(Issuer issuer, String secret) {
    Answer answer =
        issuer.client().post("/v1/keys/import", "{\"keys\": [%s]}".formatted(entry(secret)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body().path("results").path(0);
  }

  private static String entry(String secret) {
    try {
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(US_ASCII));
      return "{%s, \"secretSha256\": \"%s\"}"
          .formatted(Issuer.fields("read:users"), HexFormat.of().formatHex(sha256));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits, because a count is cached for a hundred times as long as it took. */
  private static void awaitSecretsUnder(KeyledgerProcess keyledger, int pepper, double count) {
    String label = "pepper=\"%d\"".formatted(pepper);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Metrics.of(keyledger).sum("keyledger_secrets", label) == count);
  }

  private static JsonNode awaitMissingPepper(KeyledgerProcess keyledger) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(
            () -> keyledger.root().get("/actuator/health/readiness"),
            answer -> answer.text().contains("missingPeppers") && answer.status() == 503)
        .body();
  }
}
