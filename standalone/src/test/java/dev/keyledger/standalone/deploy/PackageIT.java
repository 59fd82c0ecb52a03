package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The archive and the Debian package of a release. */
@Tag("long")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PackageIT {
  private static final String VERSION = ImageTest.version();

  private static final String INSTALLATION =
      """
      set -euo pipefail
      mount --make-rprivate /
      copy=$(mktemp -d)
      mount -t tmpfs tmpfs "$copy"
      mkdir "$copy/upper" "$copy/work" "$copy/root"
      root=$copy/root
      mount -t overlay overlay -o "lowerdir=/,upperdir=$copy/upper,workdir=$copy/work" "$root"
      mount -t proc proc "$root/proc"
      mount --bind /dev "$root/dev"
      mount -t tmpfs tmpfs "$root/tmp"
      mount -t tmpfs tmpfs "$root/run"
      cp "$1" "$root/tmp/keyledger.deb"
      cat > "$root/tmp/try" <<'END'
      set -euo pipefail
      dpkg -i /tmp/keyledger.deb
      ls -l /var/cache/keyledger
      keyledger --version
      install -d -o keyledger -m 700 /var/lib/keyledger
      cd /var/lib/keyledger
      setpriv --reuid=keyledger --regid=keyledger --init-groups env -i PATH=/usr/bin SERVER_PORT=39080 \
        KEYLEDGER_FAST_PORT=39090 KEYLEDGER_DATA_DIR=/var/lib/keyledger keyledger > /tmp/output 2>&1 &
      until /usr/lib/keyledger/bin/health 39080; do
        kill -0 $! || { cat /tmp/output; exit 1; }
        sleep 0.2
      done
      exec 3<> /dev/tcp/127.0.0.1/39080
      body='{"name": "x", "owner": {"type": "app", "id": "x"}, "permissions": []}'
      printf 'POST /v1/keys HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\nAuthorization: Bearer %s\\r\\n' \
        "$(cat /var/lib/keyledger/secrets/root.key)" >&3
      printf 'Content-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "${#body}" "$body" >&3
      cat <&3
      kill $!
      wait $! || [ $? = 143 ]
      cd /
      dpkg --purge keyledger
      [ -f /var/lib/keyledger/secrets/root.key ] && [ ! -e /etc/keyledger/keyledger.env ]
      echo "root.key is kept, keyledger.env is not"
      END
      chroot "$root" bash /tmp/try
      """;

  private Path directory;
  private Path release;

  @BeforeAll
  void build(@TempDir Path temporary) throws Exception {
    directory = temporary;
    // PostgreSQL runs as an ordinary user, who has to reach the programs.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    release = buildTo("first");
  }

  @Test
  void twoBuildsAreIdentical() throws Exception {
    Path second = buildTo("second");
    List<Path> names = files(release);
    assertThat(names).hasSize(2).isEqualTo(files(second));
    for (Path name : names) {
      assertThat(Files.mismatch(release.resolve(name), second.resolve(name)))
          .as("%s", name)
          .isEqualTo(-1);
    }
  }

  /**
   * Installs the package on a copy of this machine's file system, which the end of the test
   * discards.
   */
  @Test
  void thePackageInstallsAndRunsAndItsRemovalLeavesTheKeys() throws Exception {
    Path deb = release.resolve(files(release).getLast());
    assertThat(run("dpkg-deb", "--contents", deb))
        .contains(" ./usr/lib/systemd/system/keyledger.service")
        .containsPattern("-rw------- root/root .* ./etc/keyledger/keyledger.env");
    Path script = Files.writeString(directory.resolve("install"), INSTALLATION);

    assertThat(run("unshare", "--mount", "--pid", "--fork", "bash", script, deb))
        .contains("Setting up keyledger (" + VERSION + ")", "systemctl enable --now keyledger")
        .containsPattern("keyledger keyledger .* keyledger.aot")
        .contains(
            "Keyledger " + VERSION,
            "\"keyId\"",
            "The keys are still in /var/lib/keyledger.",
            "root.key is kept, keyledger.env is not")
        .doesNotContain("Without an AOT cache");
  }

  /** Makes a cache, which starts a node with its PostgreSQL on the Java of the archive. */
  @Test
  void theArchiveMakesItsCacheWhereItIsUnpacked() throws Exception {
    run("tar", "--directory", directory, "-xf", release.resolve(files(release).getFirst()));
    Path home = directory.resolve("keyledger-" + VERSION);
    run("chmod", "777", home.resolve("aot"));

    run(
        Stream.concat(
                System.getProperty("user.name").equals("root")
                    ? Stream.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
                    : Stream.of(),
                Stream.of("env", "TMPDIR=/tmp", home.resolve("bin/keyledger-aot"), "keyledger"))
            .toArray());

    assertThat(
            run(
                "env",
                "JDK_JAVA_OPTIONS=-XX:AOTMode=on",
                home.resolve("bin/keyledger"),
                "--version"))
        .endsWith("Keyledger " + VERSION);
    assertThat(home.resolve("aot/keyledger-commands.aot")).isNotEmptyFile();
    assertThat(
            run(
                "env",
                "JDK_JAVA_OPTIONS=-XX:AOTMode=on",
                home.resolve("bin/keyledger"),
                "completion",
                "fish"))
        .contains("complete -c keyledger");
  }

  private Path buildTo(String name) throws Exception {
    Path jars = Files.createDirectories(directory.resolve("jars"));
    for (String jar : List.of("keyledger.jar", "keyledger-command.jar", "keyledger-query.jar")) {
      if (Files.notExists(jars.resolve(jar))) {
        Files.copy(Path.of(Objects.requireNonNull(System.getProperty(jar))), jars.resolve(jar));
      }
    }
    Path made = Files.createDirectory(directory.resolve(name));
    run(DeployFiles.directory().resolve("package/build"), jars, VERSION, made);
    return made;
  }

  /** Returns the names of the files: the archive and the package. */
  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::getFileName).sorted().toList();
    }
  }

  /** Returns the output of a command; fails unless it exits with 0. */
  private static String run(Object... command) throws Exception {
    var arguments = new ArrayList<String>();
    Stream.of(command).map(Object::toString).forEach(arguments::add);
    var builder = new ProcessBuilder(arguments).redirectErrorStream(true);
    builder.environment().putAll(Map.of("JAVA_HOME", System.getProperty("java.home")));
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
