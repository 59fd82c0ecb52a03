package dev.keyledger.query;

import dev.keyledger.audit.AuditProjection;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.node.commands.CommandLine.Command;
import dev.keyledger.node.commands.CommandLine.DatabaseFinder;
import dev.keyledger.projection.Projection;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.Rebuild;
import java.util.List;
import java.util.function.Consumer;

/** The command {@code rebuild [directory|audit]}: rebuilds lists from the log. */
public final class RebuildCommand {
  private static final List<Projection> ALL =
      List.of(new DirectoryProjection(), new AuditProjection());

  private final List<Projection> projections;

  private RebuildCommand(List<Projection> projections) {
    this.projections = projections;
  }

  /** Returns the command of a jar; nodes may run meanwhile. */
  public static Command in(DatabaseFinder database) {
    return new Command(
        "rebuild [directory|audit]",
        "rebuilds the lists from the log; nodes may run meanwhile",
        Command.REFUSED,
        arguments -> {
          RebuildCommand rebuild = parse(arguments);
          rebuild.run(database.find(), System.out::println);
          return 0;
        });
  }

  /**
   * Parses the command.
   *
   * @throws StartupRefusedException if there is no such command
   */
  private static RebuildCommand parse(String... arguments) {
    if (arguments.length == 1) {
      return new RebuildCommand(ALL);
    }
    return new RebuildCommand(
        ALL.stream()
            .filter(projection -> arguments.length == 2 && projection.name().equals(arguments[1]))
            .findFirst()
            .map(List::of)
            .orElseThrow(() ->
                new StartupRefusedException("usage: rebuild, rebuild directory, rebuild audit")));
  }

  /**
   * Rebuilds the lists; returns at the end.
   *
   * @param report receives a line about the progress from time to time
   * @throws StartupRefusedException if it is not possible now; the progress so far is kept
   */
  private void run(DatabaseSettings settings, Consumer<String> report) {
    try (LedgerDatabase database = LedgerDatabase.open(settings)) {
      var rebuild =
          new Rebuild(
              new ProjectionDatabase(database), new LogReader(database, new EventCodec()), report);
      projections.forEach(rebuild::run);
    } catch (StoreUnavailableException | IllegalStateException e) {
      throw new StartupRefusedException(String.valueOf(e.getMessage()), e);
    }
  }
}
