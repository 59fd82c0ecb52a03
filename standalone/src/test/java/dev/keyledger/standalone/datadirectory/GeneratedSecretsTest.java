package dev.keyledger.standalone.datadirectory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedSecretsTest {
  private DataDirectory data;
  private GeneratedSecrets secrets;

  @BeforeEach
  void open(@TempDir Path directory) throws IOException {
    data = DataDirectory.open(directory);
    secrets = new GeneratedSecrets(data);
  }

  @AfterEach
  void close() throws IOException {
    data.close();
  }

  @Test
  void theRootKeyIsMadeOnceAndReadAfterwards() throws IOException {
    GeneratedSecret first = secrets.rootKey();
    GeneratedSecret second = secrets.rootKey();

    assertThat(first.isNew()).isTrue();
    assertThat(second.isNew()).isFalse();
    assertThat(second.revealSecret())
        .isEqualTo(first.revealSecret())
        .matches("klroot_[0-9A-Za-z]{43}");
    assertThat(first.file()).isEqualTo(data.path().resolve("secrets/root.key"));
  }

  @Test
  void aDeletedRootKeyIsReplacedByAnotherOneEvenBesideData() throws IOException {
    GeneratedSecret first = secrets.rootKey();
    dataExists();
    Files.delete(first.file());

    assertThat(secrets.rootKey().isNew()).isTrue();
    assertThat(secrets.rootKey().revealSecret()).isNotEqualTo(first.revealSecret());
  }

  @Test
  void thePeppersAreOneOf32Bytes() throws IOException {
    String peppers = secrets.peppers().revealSecret();

    assertThat(peppers).startsWith("1:").isEqualTo(secrets.peppers().revealSecret());
    assertThat(Base64.getDecoder().decode(peppers.substring(2))).hasSize(32);
  }

  @Test
  void peppersEditedByTheUserAreReadAsTheyAre() throws IOException {
    String first = secrets.peppers().revealSecret();
    Files.writeString(secrets.peppers().file(), "2:AAAA," + first + "\n");

    assertThat(secrets.peppers().revealSecret()).isEqualTo("2:AAAA," + first);
  }

  @Test
  void secretsOfExistingDataAreNotGeneratedAgain() throws IOException {
    dataExists();

    assertThatThrownBy(secrets::peppers)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContainingAll("secrets/peppers", "backup");
    assertThatThrownBy(secrets::databasePassword)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContainingAll("secrets/postgres.password", "backup");
  }

  @Test
  void onlyTheOwnerMayReadThem() throws IOException {
    Path file = secrets.peppers().file();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file.resolveSibling(""))))
        .isEqualTo("rwx------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(secrets::peppers)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("chmod 600 " + file);
  }

  @Test
  void aHalfWrittenFileIsNotUsed() throws IOException {
    Path file = secrets.rootKey().file();
    Files.move(file, file.resolveSibling("root.key.unfinished"));

    assertThat(secrets.rootKey().isNew()).isTrue();
    assertThat(file.resolveSibling("root.key.unfinished")).doesNotExist();
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Files.writeString(secrets.rootKey().file(), "\n");

    assertThatThrownBy(secrets::rootKey)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void noneIsPrinted() throws IOException {
    assertThat(secrets.rootKey().toString()).doesNotContain(secrets.rootKey().revealSecret());
  }

  private void dataExists() throws IOException {
    Files.createDirectories(data.postgresData());
  }
}
