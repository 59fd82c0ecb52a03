package dev.keyledger.standalone.datadirectory;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.stream.Collectors.joining;

import dev.keyledger.files.PrivateFiles;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.proofs.LogKeys;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * The secrets that a standalone Keyledger generates for itself: each once, in its own file under
 * {@code secrets/}, mode 600, written atomically.
 *
 * <p>If the file of the root key is deleted, the next start generates a new one. The others cannot
 * be generated again for existing data: without its peppers none of its keys would verify.
 */
public final class GeneratedSecrets {
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /** The length of a secret: 43 base62 characters hold 256 bits. */
  private static final int BASE62_CHARACTERS = 43;

  private static final String POSTGRES_PASSWORD = "postgres.password";
  private static final int PEPPER_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final DataDirectory dataDirectory;

  public GeneratedSecrets(DataDirectory dataDirectory) {
    this.dataDirectory = dataDirectory;
  }

  /** Returns the root credential: {@code klroot_} and 43 letters and digits. */
  public GeneratedSecret rootKey() throws IOException {
    Path file = file("root.key");
    return Files.exists(file) ? read(file) : write(file, "klroot_" + base62());
  }

  /**
   * Returns the first pepper as {@code 1:<base64 of 32 bytes>}, or the list of peppers that the
   * file has been edited to since. Must be called before the database is created.
   *
   * @throws StartupRefusedException if there is data, but not its peppers
   */
  public GeneratedSecret peppers() throws IOException {
    Path file = file("peppers");
    if (Files.exists(file)) {
      return read(file);
    }
    refuseBesideData(file);
    var pepper = new byte[PEPPER_BYTES];
    RANDOM.nextBytes(pepper);
    return write(file, "1:" + Base64.getEncoder().encodeToString(pepper));
  }

  /**
   * Returns the password of the embedded PostgreSQL: letters and digits.
   *
   * @throws StartupRefusedException if there is data, but not its password
   */
  public GeneratedSecret databasePassword() throws IOException {
    Path file = file(POSTGRES_PASSWORD);
    if (Files.exists(file)) {
      return read(file);
    }
    refuseBesideData(file);
    return write(file, base62());
  }

  /**
   * Returns the keys that sign checkpoints, in PEM. Without their file, generates new ones, which
   * verifiers of checkpoints must then be given.
   */
  public GeneratedSecret logKeys() throws IOException {
    Path file = file("log.key");
    return Files.exists(file) ? read(file) : write(file, LogKeys.generate().toPem().strip());
  }

  /** Returns the same for a directory that another process is using. */
  public static GeneratedSecret databasePasswordIn(Path directory) throws IOException {
    return read(file(directory, POSTGRES_PASSWORD));
  }

  private Path file(String name) {
    return file(dataDirectory.path(), name);
  }

  private static Path file(Path directory, String name) {
    return directory.resolve("secrets").resolve(name);
  }

  private void refuseBesideData(Path file) {
    if (Files.exists(dataDirectory.postgresData())) {
      throw new StartupRefusedException(
          "%s is missing, but the data that needs it exists. Restore it from a backup."
              .formatted(file));
    }
  }

  private static String base62() {
    return RANDOM
        .ints(BASE62_CHARACTERS, 0, BASE62.length())
        .mapToObj(index -> BASE62.substring(index, index + 1))
        .collect(joining());
  }

  private static GeneratedSecret read(Path file) throws IOException {
    if (PrivateFiles.here().mayBeReadByOthers(file)) {
      throw new StartupRefusedException(
          "Others may read %s. If nobody did: chmod 600 %1$s".formatted(file));
    }
    String secret = Files.readString(file).strip();
    if (secret.isEmpty()) {
      throw new StartupRefusedException("%s is empty. Restore it from a backup.".formatted(file));
    }
    return new GeneratedSecret(secret, false, file);
  }

  private static GeneratedSecret write(Path file, String secret) throws IOException {
    Path directory = file.resolveSibling("");
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory, PrivateFiles.here().directory());
    }
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.deleteIfExists(unfinished);
    try (var channel =
        FileChannel.open(
            unfinished, Set.of(CREATE, TRUNCATE_EXISTING, WRITE), PrivateFiles.here().file())) {
      channel.write(StandardCharsets.US_ASCII.encode(secret + "\n"));
      channel.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    PrivateFiles.here().force(directory);
    return new GeneratedSecret(secret, true, file);
  }
}
