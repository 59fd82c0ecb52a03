package dev.keyledger.check;

import dev.keyledger.check.PositionsCheck.LogDigest;
import dev.keyledger.verifylog.CannotCheckException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code check [--expect position:digest]}: checks that the log is whole and unchanged
 * and that all that is derived from it agrees with it. Changes nothing; nodes may go on working.
 */
public final class CheckCommand {
  /** Exit code: no findings. */
  public static final int SOUND = 0;

  /** Exit code: findings, one per line. */
  public static final int FINDINGS = 1;

  /** Exit code: the check could not run. */
  public static final int NOT_CHECKED = 2;

  private static final String EXPECT = "--expect";
  private static final Pattern DIGEST = Pattern.compile("(0|[1-9][0-9]{0,17}):([0-9a-f]{64})");
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);

  private final @Nullable LogDigest expected;

  private CheckCommand(@Nullable LogDigest expected) {
    this.expected = expected;
  }

  /**
   * Returns the command that the arguments denote.
   *
   * @throws CannotCheckException if there is no such command
   */
  public static CheckCommand parse(String... arguments) {
    if (arguments.length == 1) {
      return new CheckCommand(null);
    }
    Matcher digest = DIGEST.matcher(arguments.length == 3 ? arguments[2] : "");
    if (arguments[1].equals(EXPECT) && digest.matches()) {
      return new CheckCommand(new LogDigest(Long.parseLong(digest.group(1)), digest.group(2)));
    }
    throw new CannotCheckException(
        "usage: check [--expect position:digest], as an earlier check has printed it. Exit code 0:"
            + " all is well, 1: it is not, 2: it could not be checked");
  }

  /**
   * Checks a database as it stands at one moment.
   *
   * @param out is handed the findings, and in the end a summary
   * @param progress is handed a line now and then
   * @return {@link #SOUND} or {@link #FINDINGS}
   * @throws CannotCheckException if it cannot be checked
   */
  public int run(
      String jdbcUrl,
      String username,
      String password,
      Consumer<String> out,
      Consumer<String> progress) {
    var findings = new Findings(out);
    try (Connection connection = DriverManager.getConnection(jdbcUrl, username, password)) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      LogDigest log =
          new PositionsCheck(findings, expected)
              .run(connection, every("events read by position", progress));
      long keys = new KeysCheck(findings, connection).run(every("events read by key", progress));
      findings.reportTheRest();
      out.accept(
          "%,d events of %,d keys: %s"
              .formatted(
                  log.position(),
                  keys,
                  findings.number() == 0 ? "sound" : "%,d findings".formatted(findings.number())));
      out.accept("digest of the log: " + log);
      return findings.number() == 0 ? SOUND : FINDINGS;
    } catch (SQLException e) {
      throw new CannotCheckException("The log cannot be checked: " + e.getMessage(), e);
    }
  }

  private static LongConsumer every(String what, Consumer<String> progress) {
    long[] reportedNanos = {System.nanoTime()};
    return number -> {
      long now = System.nanoTime();
      if (now - reportedNanos[0] >= PROGRESS_EVERY.toNanos()) {
        reportedNanos[0] = now;
        progress.accept("%,d %s".formatted(number, what));
      }
    };
  }
}
