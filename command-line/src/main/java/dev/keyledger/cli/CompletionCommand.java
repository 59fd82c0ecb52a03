package dev.keyledger.cli;

import static java.util.stream.Collectors.joining;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints a script that lets a shell complete commands and options.",
      "bash, zsh: source <(keyledger completion bash)",
      "fish: keyledger completion fish | source"
    })
final class CompletionCommand implements Callable<Integer> {
  private static final String PROGRAM = "keyledger";

  /**
   * Fish functions that test whether the words before the cursor are a command, or begin with it.
   */
  private static final String FISH_FUNCTIONS =
      """
      function __keyledger_exactly
          set -l words (commandline -opc)
          set -l line (string join ' ' -- $words[2..-1])
          test "$line" = "$argv"
      end
      function __keyledger_within
          set -l words (commandline -opc)
          set -l line (string join ' ' -- $words[2..-1])
          string match -q -- "$argv *" "$line "
      end
      complete -c keyledger -f
      """;

  private final Session session;

  /** The shells that can complete. */
  enum Shell {
    bash,
    zsh,
    fish
  }

  @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}")
  private Shell shell = Shell.bash;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompletionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    session
        .surroundings()
        .out()
        .print(shell == Shell.fish ? fish(root) : AutoComplete.bash(PROGRAM, root));
    return ExitCode.DONE.number();
  }

  private static String fish(CommandLine root) {
    var script = new StringBuilder(FISH_FUNCTIONS);
    addFish("", root, script);
    return script.toString();
  }

  private static void addFish(String path, CommandLine command, StringBuilder script) {
    for (Map.Entry<String, CommandLine> each : command.getSubcommands().entrySet()) {
      CommandLine subcommand = each.getValue();
      script.append(
          "complete -c keyledger -n '__keyledger_exactly %s' -a %s -d '%s'%n"
              .formatted(path, each.getKey(), quoted(subcommand.getCommandSpec())));
      addFish((path + " " + each.getKey()).strip(), subcommand, script);
    }
    if (!path.isEmpty() && command.getSubcommands().isEmpty()) {
      command
          .getCommandSpec()
          .options()
          .forEach(option ->
              script.append(
                  "complete -c keyledger -n '__keyledger_within %s' %s -d '%s'%n"
                      .formatted(path, fish(option), quoted(option.description()))));
    }
  }

  private static String fish(OptionSpec option) {
    String name = "-l " + option.longestName().substring(2);
    if (option.arity().max() == 0) {
      return name;
    }
    if (option.paramLabel().equals("FILE")) {
      return name + " -r -F";
    }
    Iterable<String> candidates = option.completionCandidates();
    return candidates == null
        ? name + " -x"
        : name
            + " -x -a '"
            + StreamSupport.stream(candidates.spliterator(), false).collect(joining(" "))
            + "'";
  }

  private static String quoted(CommandSpec command) {
    return quoted(command.usageMessage().description());
  }

  private static String quoted(String... description) {
    String first = description.length == 0 ? "" : description[0];
    return first.replace("\\", "\\\\").replace("'", "\\'");
  }
}
