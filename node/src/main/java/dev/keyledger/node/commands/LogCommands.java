package dev.keyledger.node.commands;

import dev.keyledger.check.CheckCommand;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.node.commands.CommandLine.Command;
import dev.keyledger.node.commands.CommandLine.DatabaseFinder;

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
          CheckCommand check = CheckCommand.parse(arguments);
          DatabaseSettings settings = database.find();
          return check.run(
              settings.jdbcUrl(),
              settings.username(),
              settings.password(),
              System.out::println,
              System.err::println);
        });
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
}
