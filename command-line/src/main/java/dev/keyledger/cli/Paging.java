package dev.keyledger.cli;

import dev.keyledger.cli.Output.View;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options that limit a printed list. */
final class Paging {
  /** The maximum size of a page of the service. */
  private static final int PAGE_MAX = 200;

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      defaultValue = "100",
      description = "How many are printed at most; default: ${DEFAULT-VALUE}")
  int limit;

  @Option(names = "--all", description = "Print all that there are")
  boolean all;

  /** Returns the size of a page. */
  int page() {
    return all ? PAGE_MAX : Math.clamp(limit + 1L, 1, PAGE_MAX);
  }

  /**
   * Prints the beginning of a list, and a note if there is more.
   *
   * @throws RefusedException if the limit is less than 1
   */
  <T> void print(Output output, Supplier<Stream<T>> values, View<T> view) {
    if (limit < 1) {
      throw new RefusedException(ExitCode.USAGE, "--limit must be 1 or more.");
    }
    if (all) {
      output.list(values.get(), view);
      return;
    }
    List<T> first = values.get().limit(limit + 1L).toList();
    output.list(first.stream().limit(limit), view);
    if (first.size() > limit) {
      output.note("There are more: --limit and --all print them.");
    }
  }
}
