package dev.keyledger.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The log of the service. The launcher runs {@code log verify} as {@code verify-log}. */
@Command(
    name = "log",
    description = "Shows checkpoints and nodes; 'log verify' proves an export by a checkpoint")
final class LogCommand {
  private final Session session;

  LogCommand(Session session) {
    this.session = session;
  }

  @Command(description = "Prints the latest checkpoint, a signed note (C2SP)")
  void checkpoint() {
    String note = session.keyledger().log().checkpoint();
    if (session.output().json()) {
      session.output().line(Json.write(Map.of("checkpoint", note)));
    } else {
      session.surroundings().out().print(note);
    }
  }

  @Command(description = "Lists the nodes that answer checks, and how far each is")
  void nodes(@Mixin Paging paging) {
    paging.print(session.output(), () -> session.keyledger().log().nodes().stream(), Views.NODE);
  }
}
