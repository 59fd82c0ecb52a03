package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code verify-log}: verifies that an export or a database holds the events that a
 * checkpoint covers. Changes nothing; nodes may go on working.
 */
public final class VerifyLog {
  /** Exit code: all that was asked for is proven. */
  public static final int PROVEN = 0;

  /** Exit code: something is not as it must be. */
  public static final int NOT_PROVEN = 1;

  /** Exit code: something could not be checked. */
  public static final int NOT_CHECKED = 2;

  private static final String USAGE =
      "usage: verify-log --checkpoint FILE [--previous FILE] [--key FILE] (--export FILE | --database URL) [--json]."
          + " Exit code 0: proven, 1: not proven, 2: could not be checked";

  private static final String CHECKPOINT = "--checkpoint";
  private static final String PREVIOUS = "--previous";
  private static final String KEY = "--key";
  private static final String EXPORT = "--export";
  private static final String DATABASE = "--database";
  private static final String JSON = "--json";
  private static final Set<String> OPTIONS = Set.of(CHECKPOINT, PREVIOUS, KEY, EXPORT, DATABASE);

  private final Map<String, String> options = new HashMap<>();
  private final Map<String, String> environment;
  private final VerificationReport report;

  private VerifyLog(Map<String, String> environment, VerificationReport report) {
    this.environment = environment;
    this.report = report;
  }

  /**
   * Runs the command.
   *
   * @param environment may hold the credentials for the database, in KEYLEDGER_DATABASE_USERNAME
   *     and KEYLEDGER_DATABASE_PASSWORD
   * @param arguments all arguments of the jar; the first is the name of the command
   * @param out is handed what is proven and what is not, line by line; with {@code --json}, one
   *     object
   * @param errors is handed a line if nothing could be checked; with {@code --json}, an object
   * @return the exit code
   */
  public static int run(
      Map<String, String> environment,
      Consumer<String> out,
      Consumer<String> errors,
      String... arguments) {
    List<String> given = new ArrayList<>(List.of(arguments));
    boolean json = given.remove(JSON);
    String failure;
    try {
      var command = new VerifyLog(environment, new VerificationReport(out, json));
      command.parse(given);
      return command.run();
    } catch (CannotCheckException e) {
      failure = String.valueOf(e.getMessage());
    } catch (IOException e) {
      failure = "verify-log cannot read a file: " + e;
    }
    errors.accept(json ? VerificationReport.failure(failure) : failure);
    return NOT_CHECKED;
  }

  private void parse(List<String> arguments) {
    for (int i = 1; i < arguments.size(); i += 2) {
      if (!OPTIONS.contains(arguments.get(i))
          || i + 1 == arguments.size()
          || options.putIfAbsent(arguments.get(i), arguments.get(i + 1)) != null) {
        throw new CannotCheckException(USAGE);
      }
    }
    if (!options.containsKey(CHECKPOINT)
        || options.containsKey(EXPORT) == options.containsKey(DATABASE)) {
      throw new CannotCheckException(USAGE);
    }
  }

  private int run() throws IOException {
    Checkpoints checkpoints = new Checkpoints(checkpoint(PREVIOUS), required());
    List<VerifierKey> keys = keys();
    requireOrder(checkpoints);
    if (!keys.isEmpty()) {
      VerifierKey.haveSigned(keys, checkpoints.given(), "the checkpoint", report);
      if (checkpoints.previous() != null) {
        VerifierKey.haveSigned(keys, checkpoints.previous(), "the previous checkpoint", report);
      }
    }
    if (options.containsKey(EXPORT)) {
      new ExportCheck(checkpoints, keys, report).run(path(EXPORT));
    } else {
      checkDatabase(checkpoints);
    }
    if (keys.isEmpty()) {
      report.notShown("who signed the checkpoints: no signature was checked, there is no --key");
    }
    return report.conclude();
  }

  private Checkpoint required() throws IOException {
    Checkpoint given = checkpoint(CHECKPOINT);
    if (given == null) {
      throw new CannotCheckException(USAGE);
    }
    return given;
  }

  private static void requireOrder(Checkpoints checkpoints) {
    Checkpoint previous = checkpoints.previous();
    if (previous == null) {
      return;
    }
    if (!previous.origin().equals(checkpoints.given().origin())) {
      throw new CannotCheckException(
          "--previous is of another log, %s, than --checkpoint, %s."
              .formatted(previous.origin(), checkpoints.given().origin()));
    }
    if (previous.size() > checkpoints.given().size()) {
      throw new CannotCheckException(
          "--previous has size %,d, and must not be larger than --checkpoint, of size %,d."
              .formatted(previous.size(), checkpoints.given().size()));
    }
  }

  private @Nullable Checkpoint checkpoint(String option) throws IOException {
    if (!options.containsKey(option)) {
      return null;
    }
    try {
      return Checkpoint.parse(read(option, Checkpoint.BYTES_MAX));
    } catch (WrongException e) {
      throw new CannotCheckException("The file of %s %s.".formatted(option, e.getMessage()));
    }
  }

  private List<VerifierKey> keys() throws IOException {
    var keys = new ArrayList<VerifierKey>();
    if (options.containsKey(KEY)) {
      for (String line : new String(read(KEY, Checkpoint.BYTES_MAX), UTF_8).lines().toList()) {
        if (!line.isBlank()) {
          try {
            keys.add(VerifierKey.parse(line.strip()));
          } catch (WrongException e) {
            throw new CannotCheckException("A line of --key %s.".formatted(e.getMessage()));
          }
        }
      }
      if (keys.isEmpty()) {
        throw new CannotCheckException("The file of --key has no key.");
      }
    }
    return keys;
  }

  private byte[] read(String option, int bytesMax) throws IOException {
    try (InputStream file = Files.newInputStream(path(option))) {
      byte[] bytes = file.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new CannotCheckException(
            "The file of %s is longer than %,d bytes.".formatted(option, bytesMax));
      }
      return bytes;
    }
  }

  private Path path(String option) {
    try {
      return Path.of(options.getOrDefault(option, ""));
    } catch (InvalidPathException _) {
      throw new CannotCheckException("%s does not name a file.".formatted(option));
    }
  }

  private void checkDatabase(Checkpoints checkpoints) {
    String url = options.getOrDefault(DATABASE, "");
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new CannotCheckException(
          "--database must be a JDBC URL that begins with jdbc:postgresql:");
    }
    var credentials = new Properties(); // what the URL says goes before them
    putIfGiven(credentials, "user", "KEYLEDGER_DATABASE_USERNAME");
    putIfGiven(credentials, "password", "KEYLEDGER_DATABASE_PASSWORD");
    try (Connection connection = DriverManager.getConnection(url, credentials)) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      new DatabaseCheck(checkpoints, report, connection).run();
    } catch (SQLException e) {
      throw new CannotCheckException("The database cannot be read: " + e.getMessage());
    }
  }

  private void putIfGiven(Properties credentials, String property, String variable) {
    String value = environment.getOrDefault(variable, "");
    if (!value.isEmpty()) {
      credentials.setProperty(property, value);
    }
  }
}
