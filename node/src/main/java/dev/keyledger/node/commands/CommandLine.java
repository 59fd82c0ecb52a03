package dev.keyledger.node.commands;

import static java.util.stream.Collectors.joining;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.UnsupportedPostgresException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The command line of a jar: help, the version, one of its commands, or, without a command, a node.
 *
 * @param jar the name of the jar
 * @param node the description of this jar's node
 * @param commands the commands of the jar
 * @param requests the meaning of other first arguments, which the launcher handles
 */
public record CommandLine(
    String jar, String node, List<Command> commands, Supplier<Map<String, String>> requests) {
  private static final String HELP = "--help";
  private static final String VERSION = "--version";

  public CommandLine {
    commands = List.copyOf(commands);
  }

  /** Creates the command line of a jar whose launcher handles no other arguments. */
  public CommandLine(String jar, String node, List<Command> commands) {
    this(jar, node, commands, Map::of);
  }

  /**
   * A command of a jar.
   *
   * @param usage its name and its arguments
   * @param purpose its purpose, in one line
   * @param refused the exit code if it cannot run
   * @param action runs it
   */
  public record Command(String usage, String purpose, int refused, Action action) {
    /** The exit code of a command that cannot run, unless it says otherwise. */
    public static final int REFUSED = 1;

    String name() {
      return usage.split(" ", 2)[0];
    }
  }

  /** Runs a command. */
  @FunctionalInterface
  public interface Action {
    /**
     * @param arguments all arguments of the jar; the first is the name of the command
     * @return the exit code
     * @throws StartupRefusedException if it cannot run
     */
    int run(String... arguments) throws IOException, InterruptedException;
  }

  /** Finds the database in the environment of this process. */
  @FunctionalInterface
  public interface DatabaseFinder {
    /**
     * @throws StartupRefusedException if there is none
     */
    DatabaseSettings find() throws IOException, InterruptedException;
  }

  /** Starts a node. */
  @FunctionalInterface
  public interface Start {
    /** Starts it with arguments that Spring Boot reads. */
    void start(String... arguments) throws IOException, InterruptedException;
  }

  /**
   * Executes the arguments in the environment of this process. Ends the process if the exit code is
   * not 0.
   *
   * @param start starts a node
   * @throws StartupRefusedException if the arguments or the environment are invalid
   */
  public void run(Start start, String... arguments) throws IOException, InterruptedException {
    int exitCode = run(System.getenv(), start, arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  int run(Map<String, String> environment, Start start, String... arguments)
      throws IOException, InterruptedException {
    List<String> given = List.of(arguments);
    if (given.contains(HELP)) {
      System.out.print(help());
    } else if (given.contains(VERSION)) {
      System.out.println("Keyledger " + version());
    } else if (given.isEmpty() || given.getFirst().startsWith("--")) {
      requireSettings(given);
      KnownVariables.ofClassPath().requireKnown(environment);
      start.start(arguments);
    } else {
      return execute(commandOf(given.getFirst()), environment, arguments);
    }
    return 0;
  }

  private static int execute(Command command, Map<String, String> environment, String... arguments)
      throws InterruptedException {
    try {
      KnownVariables.ofClassPath().requireKnown(environment);
      return command.action.run(arguments);
    } catch (StartupRefusedException
        | StoreUnavailableException
        | UnsupportedPostgresException refused) {
      System.err.println(refused.getMessage());
    } catch (IOException e) {
      System.err.println(command.name() + " cannot read or write what it needs: " + e);
    }
    return command.refused;
  }

  private Command commandOf(String name) {
    return commands.stream()
        .filter(command -> command.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new StartupRefusedException(
                "%s is not a command of %s. The commands are %s; --help describes them."
                    .formatted(
                        name,
                        jar,
                        Stream.concat(
                                commands.stream().map(Command::name),
                                requests.get().keySet().stream())
                            .collect(joining(", ")))));
  }

  /**
   * Refuses arguments that Spring Boot would ignore: misspelt options, and words after settings.
   */
  private static void requireSettings(List<String> arguments) {
    for (String argument : arguments) {
      if (!argument.startsWith("--") || !argument.contains("=")) {
        throw new StartupRefusedException(
            "%s is not an option. Use --help, --version, or --name=value with a name of Spring Boot."
                .formatted(argument));
      }
    }
  }

  private static String version() {
    return Objects.requireNonNullElse(
        CommandLine.class.getPackage().getImplementationVersion(), "(not packaged)");
  }

  private Stream<String> requestLines() {
    Map<String, String> purposes = requests.get();
    return purposes.isEmpty()
        ? Stream.empty()
        : Stream.of(
                Stream.of(
                    "Other commands are requests to a running Keyledger; each describes itself with --help:",
                    ""),
                purposes.entrySet().stream()
                    .map(purpose -> "  %-34s %s".formatted(purpose.getKey(), purpose.getValue())),
                Stream.of(""))
            .flatMap(lines -> lines);
  }

  private String help() {
    return Stream.of(
            Stream.of(
                "Keyledger " + version(),
                "",
                "java -jar %s             starts %s".formatted(jar, node),
                "java -jar %s <command>   executes a command, which starts no node:".formatted(jar),
                ""),
            commands.stream()
                .map(command -> "  %-34s %s".formatted(command.usage, command.purpose)),
            Stream.of(
                "  %-34s %s".formatted(HELP, "prints this"),
                "  %-34s %s".formatted(VERSION, "prints the version"),
                ""),
            requestLines(),
            Stream.of(
                "Environment variables configure it; docs/configuration.md explains them:", ""),
            KnownVariables.ofClassPath().descriptions().entrySet().stream()
                .map(variable -> "  %-42s %s".formatted(variable.getKey(), variable.getValue())))
        .flatMap(lines -> lines)
        .collect(joining(System.lineSeparator(), "", System.lineSeparator()));
  }
}
