package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backup is put back, as docs/operations.md says. */
@Timeout(180)
class RestoreIT {
  @TempDir Path backup;

  @Test
  void tokensOfTheLostTimeAreRefusedAndTheLogGoesOn() throws IOException {
    try (var keyledger = KeyledgerProcess.standalone()) {
      var issuer = new Issuer(keyledger.root());
      IssuedKey kept = issuer.issued("read:users");
      keyledger.terminate();
      Path data = keyledger.dataDirectory().resolve("postgres/data");
      copy(data, backup);
      keyledger.restart();
      IssuedKey lost = issuer.issued("read:users");
      String lostToken = lost.answer().header("Keyledger-Position");
      assertThat(issuer.codeOf(lost.secret())).isEqualTo("VALID");
      keyledger.terminate();

      copy(backup, data);
      assertThat(keyledger.command("new-incarnation")).isZero();
      assertThat(keyledger.output()).contains("incarnation 2");
      keyledger.restart();

      Answer refused = keyledger.root().header("Keyledger-At-Least", lostToken).get("/v1/keys");
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body().path("code").asString()).isEqualTo("invalid-position-token");
      assertThat(issuer.codeOf(kept.secret())).isEqualTo("VALID");
      assertThat(issuer.codeOf(lost.secret())).isEqualTo("NOT_FOUND");
      String token = issuer.issued("read:users").answer().header("Keyledger-Position");
      assertThat(keyledger.root().header("Keyledger-At-Least", token).get("/v1/keys").status())
          .isEqualTo(200);
      keyledger.terminate();
      assertThat(keyledger.command("no-such-command")).isEqualTo(1);
    }
  }

  /** Makes the second directory a copy of the first: what is only in the second goes. */
  private static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      Files.walkFileTree(
          to,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }
          });
    }
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path copied = to.resolve(from.relativize(folder));
            if (!Files.exists(copied)) {
              Files.copy(folder, copied, StandardCopyOption.COPY_ATTRIBUTES);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
