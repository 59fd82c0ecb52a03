package dev.keyledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "export",
    description = {
      "Prints all events of the workspace, each as a line of JSON (CloudEvents).",
      "The last line is a trailer with a checkpoint, for 'log verify'."
    })
final class ExportCommand implements Callable<Integer> {
  private static final String TRAILER = "\"dev.keyledger.ExportTrailer\"";

  private final Session session;

  @Option(
      names = "--after",
      paramLabel = "POSITION",
      defaultValue = "0",
      description = "Begin after this position; default: at the first event")
  private long after;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write to this new file, mode 600, not to standard output")
  private @Nullable Path output;

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Stream<String> lines = session.keyledger().audit().export(after)) {
      if (output == null) {
        write(lines, session.surroundings().out());
      } else {
        write(lines, PrivateFile.create(session.surroundings().directory().resolve(output)));
      }
    }
    return ExitCode.DONE.number();
  }

  /** Writes a file as a whole or not at all. */
  private static void write(Stream<String> lines, Path file) {
    boolean whole = false;
    try (var to = new PrintWriter(Files.newBufferedWriter(file, UTF_8))) {
      write(lines, to);
      whole = !to.checkError();
    } catch (IOException e) {
      throw PrivateFile.refused(file, "cannot be written", e);
    } finally {
      if (!whole) {
        PrivateFile.delete(file);
      }
    }
    if (!whole) {
      throw new RefusedException(ExitCode.FILE, file + " cannot be written as a whole.");
    }
  }

  private static void write(Stream<String> lines, PrintWriter to) {
    String last = "";
    Iterator<String> each = lines.iterator();
    while (each.hasNext()) {
      last = each.next();
      to.print(last + "\n");
    }
    to.flush();
    if (!last.contains(TRAILER)) {
      throw new RefusedException(
          ExitCode.UNEXPECTED,
          "The export is cut off: its last line is not the trailer. Repeat it.");
    }
  }
}
