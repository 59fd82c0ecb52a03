package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.cli.Profiles.Profile;
import dev.keyledger.client.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProfilesTest {
  private static final Profile LOCAL =
      new Profile("http://127.0.0.1:8080", "team", Secret.of("kl_live_1"));
  private static final Profile BARE = new Profile("https://keys.example.com", null, null);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("new").resolve("config");
  }

  @Test
  void writtenProfilesAreRead() throws IOException {
    Profiles written = Profiles.read(file);
    written.put("local", LOCAL);
    written.put("bare", BARE);
    written.use("bare");
    written.write();
    Profiles read = Profiles.read(file);

    assertThat(read.names()).containsExactly("bare", "local");
    assertThat(read.get("local")).isEqualTo(LOCAL);
    assertThat(read.get("bare")).isEqualTo(BARE);
    assertThat(read.current()).isEqualTo("bare");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(mode(directory.resolve("new"))).isEqualTo("rwx------");
    try (var files = Files.list(directory.resolve("new"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void withoutAFileThereIsNoProfile() {
    Profiles none = Profiles.read(file);
    assertThat(none.current()).isEqualTo("default");
    assertThat(none.find("default")).isEmpty();
    assertThatThrownBy(() -> none.get("default"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("There is no profile default in " + file);
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Files.createDirectories(directory.resolve("new"));
    Path target = Files.createFile(directory.resolve("dotfile"));
    Files.createSymbolicLink(file, target);
    Profiles profiles = Profiles.read(file);
    profiles.put("local", LOCAL);
    profiles.write();

    assertThat(file).isSymbolicLink();
    assertThat(Files.readString(target)).contains("kl_live_1");
    assertThat(mode(target)).isEqualTo("rw-------");
  }

  @ParameterizedTest
  @CsvSource({"rw-r-----, kl_live_1", "rw----r--, kl_live_1", "rw-r--r--, "})
  void aKeyThatOthersCanReadIsRefused(String mode, @Nullable String key) throws IOException {
    Files.createDirectories(directory.resolve("new"));
    Files.writeString(
        file, "[local]\nurl = http://127.0.0.1\n" + (key == null ? "" : "key = " + key + "\n"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    if (key == null) {
      assertThatCode(() -> Profiles.read(file)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> Profiles.read(file))
          .isInstanceOf(RefusedException.class)
          .hasMessage("Others can read the keys in %1$s. Run: chmod 600 %1$s", file);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kl_live_1", "key = x", "[No]", "[a]\nkl_live_1", "[a]\nurll = x"})
  void aLineThatIsNotUnderstoodIsNamedAndNotShown(String text) throws IOException {
    Files.createDirectories(directory.resolve("new"));
    Files.writeString(file, "# a comment\n\nprofile = a\n" + text + "\n");
    assertThatThrownBy(() -> Profiles.read(file))
        .isInstanceOf(RefusedException.class)
        .hasMessageMatching(".*config, line [45]: not understood\\.")
        .hasMessageNotContaining("kl_live");
  }

  @Test
  void aNameHas63CharactersAtMost() {
    assertThatCode(() -> Profiles.requireName("a" + "-".repeat(62))).doesNotThrowAnyException();
    assertThatThrownBy(() -> Profiles.requireName("a" + "-".repeat(63)))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> Profiles.requireName("-a")).isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> Profiles.requireName("a]")).isInstanceOf(RefusedException.class);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
