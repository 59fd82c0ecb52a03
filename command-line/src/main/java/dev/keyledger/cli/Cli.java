package dev.keyledger.cli;

import dev.keyledger.client.KeyledgerException;
import dev.keyledger.client.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** The entry of the commands that are requests to a running service. */
public final class Cli {
  static final String JSON = "--json";
  private static final int HELP_COLUMNS = 100;

  private Cli() {}

  /** Executes a command; ends the process unless the exit code is 0. */
  public static void main(String[] arguments) {
    int exitCode = run(CliEnvironment.ofProcess(), arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /**
   * Executes a command.
   *
   * @return the exit code
   */
  public static int run(CliEnvironment surroundings, String... arguments) {
    var session = new Session(surroundings, List.of(arguments).contains(JSON));
    try {
      SecretArguments.refuse(arguments);
      return commandLine(session).execute(arguments);
    } catch (RefusedException refused) {
      return fail(session, refused);
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  /** Returns the purpose of each command, by its first word. */
  public static Map<String, String> commands() {
    var purposes = new LinkedHashMap<String, String>();
    commandLine(new Session(CliEnvironment.ofProcess(), false))
        .getSubcommands()
        .forEach((name, command) ->
            purposes.put(name, command.getCommandSpec().usageMessage().description()[0]));
    return purposes;
  }

  private static CommandLine commandLine(Session session) {
    var line = new CommandLine(session);
    Stream.of(
            new KeysCommand(session),
            new ExpiringCommand(session),
            new AuditCommand(session),
            new ExportCommand(session),
            new WorkspacesCommand(session),
            new OperatorsCommand(session),
            new WebhooksCommand(session),
            new FeedCommand(session),
            new LogCommand(session),
            new DoctorCommand(session),
            new InitCommand(session),
            new ConfigCommand(session),
            new CompletionCommand(session))
        .forEach(line::addSubcommand);
    Values.register(line);
    line.setOut(session.surroundings().out());
    line.setErr(session.surroundings().err());
    line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    line.setUsageHelpWidth(HELP_COLUMNS);
    line.setParameterExceptionHandler((wrong, _) -> fail(session, refused(wrong)));
    line.setExecutionExceptionHandler((failed, _, _) -> fail(session, failed));
    for (CommandLine command : line.getSubcommands().values()) {
      command
          .getCommandSpec()
          .usageMessage()
          .exitCodeListHeading("Exit codes:%n")
          .exitCodeList(ExitCode.meanings());
    }
    return line;
  }

  private static RefusedException refused(ParameterException wrong) {
    return new RefusedException(
        ExitCode.USAGE,
        "%s. See: %s --help"
            .formatted(
                String.valueOf(wrong.getMessage()).replaceFirst("\\.$", ""),
                wrong.getCommandLine().getCommandSpec().qualifiedName()));
  }

  /** Prints the error to standard error; returns its exit code. */
  private static int fail(Session session, Exception failure) {
    ExitCode exitCode = ExitCode.of(failure);
    Output output = session.output();
    List<Problem.InvalidField> errors =
        failure instanceof KeyledgerException failed
            ? failed.problem().map(Problem::errors).orElse(List.of())
            : List.of();
    if (output.json()) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("exitCode", exitCode.number());
      if (failure instanceof KeyledgerException failed && failed.problem().isPresent()) {
        fields.put("problem", failed.problem());
      }
      if (failure instanceof KeyledgerException.OutcomeUnknown unknown) {
        fields.put("idempotencyKey", unknown.idempotencyKey());
      }
      fields.put("message", String.valueOf(failure.getMessage()));
      output.note(Json.write(fields));
      return exitCode.number();
    }
    output.note(Output.text(failure.getMessage()));
    errors.forEach(
        error -> output.note(Output.text("  " + error.field() + ": " + error.message())));
    if (failure instanceof KeyledgerException.OutcomeUnknown unknown) {
      output.note(
          "Repeat the command with --idempotency-key %s: it is done once, and tells what became of it."
              .formatted(unknown.idempotencyKey()));
    }
    return exitCode.number();
  }
}
