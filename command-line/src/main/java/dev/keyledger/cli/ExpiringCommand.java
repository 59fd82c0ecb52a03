package dev.keyledger.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "expiring", description = "Lists the keys that expire soon, soonest first")
final class ExpiringCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--within",
      paramLabel = "DURATION",
      defaultValue = "30d",
      description = "How soon; default: ${DEFAULT-VALUE}")
  private Duration within = Duration.ZERO;

  @Mixin private Paging paging = new Paging();

  ExpiringCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    paging.print(session.output(), () -> session.keyledger().keys().expiring(within), Views.KEY);
    return ExitCode.DONE.number();
  }
}
