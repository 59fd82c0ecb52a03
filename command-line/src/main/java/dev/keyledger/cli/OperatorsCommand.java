package dev.keyledger.cli;

import dev.keyledger.client.KeyFilter;
import dev.keyledger.conditions.Permission;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "operators",
    description = {
      "Lists the keys that may do something to other keys, newest first.",
      "'keys issue --permission keyledger:...' makes one."
    })
final class OperatorsCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private Paging paging = new Paging();

  OperatorsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    String[] permissions =
        Permission.allKnown().stream()
            .filter(text -> new Permission(text).isOperators())
            .toArray(String[]::new);
    KeyFilter filter = KeyFilter.all().permission(permissions).limit(paging.page());
    paging.print(session.output(), () -> session.keyledger().keys().all(filter), Views.KEY);
    return ExitCode.DONE.number();
  }
}
