package dev.keyledger.node.commands;

import dev.keyledger.check.CheckCommand;
import dev.keyledger.files.PrivateFiles;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.proofs.LogKeys;
import dev.keyledger.node.commands.CommandLine.Command;
import dev.keyledger.node.commands.CommandLine.DatabaseFinder;
import dev.keyledger.verifylog.CannotCheckException;
import dev.keyledger.verifylog.VerifyLog;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** The commands that work on the log itself. */
public final class LogCommands {
  private LogCommands() {}

  /** Returns the command {@code check}; nodes may run meanwhile. */
  public static Command check(DatabaseFinder database) {
    return new Command(
        "check [--expect position:digest]",
        "checks the log and the lists; nodes may run meanwhile",
        CheckCommand.NOT_CHECKED,
        arguments -> {
          try {
            CheckCommand check = CheckCommand.parse(arguments);
            DatabaseSettings settings = database.find();
            return check.run(
                settings.jdbcUrl(),
                settings.username(),
                settings.password(),
                System.out::println,
                System.err::println);
          } catch (CannotCheckException e) {
            throw new StartupRefusedException(String.valueOf(e.getMessage()), e);
          }
        });
  }

  /**
   * Returns the command {@code verify-log}, which finds the log by its arguments alone; nodes may
   * run meanwhile.
   */
  public static Command verifyLog() {
    return new Command(
        "verify-log --checkpoint FILE ...",
        "proves an export or a database by a checkpoint; alone, it prints its options",
        VerifyLog.NOT_CHECKED,
        arguments ->
            VerifyLog.run(System.getenv(), System.out::println, System.err::println, arguments));
  }

  /**
   * Returns the command {@code new-incarnation}, which invalidates earlier position tokens after a
   * restore; no node may run meanwhile.
   */
  public static Command newIncarnation(DatabaseFinder database) {
    return new Command(
        "new-incarnation",
        "invalidates position tokens after a restore; before any node starts",
        Command.REFUSED,
        _ -> {
          try (LedgerDatabase log = LedgerDatabase.open(database.find())) {
            System.out.println("The log goes on in incarnation " + log.newIncarnation());
          }
          return 0;
        });
  }

  /** Returns the command {@code new-log-key}, which creates the keys that sign checkpoints. */
  public static Command newLogKey() {
    return new Command(
        "new-log-key FILE",
        "writes new keys that sign checkpoints to a new file, mode 600",
        Command.REFUSED,
        arguments -> {
          if (arguments.length != 2) {
            throw new StartupRefusedException("usage: new-log-key FILE");
          }
          Path file = Path.of(arguments[1]);
          try (var channel =
              FileChannel.open(
                  file,
                  Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  PrivateFiles.here().file())) {
            channel.write(StandardCharsets.US_ASCII.encode(LogKeys.generate().toPem()));
          } catch (FileAlreadyExistsException exists) {
            throw new StartupRefusedException(
                file + " exists. Name another file: checkpoints that its keys signed need them.",
                exists);
          }
          System.out.println("KEYLEDGER_LOG_KEY_FILE=" + file.toAbsolutePath());
          return 0;
        });
  }
}
