package dev.keyledger.cli;

import dev.keyledger.client.Actor;
import dev.keyledger.client.AuditFilter;
import dev.keyledger.client.Owner;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "audit", description = "Lists who did what to which key, newest first")
final class AuditCommand implements Callable<Integer> {
  private final Session session;

  @Option(names = "--key", paramLabel = "KEY_ID", description = "To this key")
  private @Nullable String keyId;

  @Option(names = "--owner", paramLabel = "TYPE:ID", description = "To keys of these; repeatable")
  private @Nullable List<Owner> owners;

  @Option(
      names = "--actor",
      paramLabel = "ACTOR",
      description = "By root, operator:KEY_ID, holder:KEY_ID, system or anonymous")
  private @Nullable Actor actor;

  @Option(names = "--type", paramLabel = "TYPE", description = "Such as KeyRevoked; repeatable")
  private @Nullable List<String> types;

  @Option(names = "--from", paramLabel = "TIME", description = "Then or later")
  private @Nullable Instant from;

  @Option(names = "--to", paramLabel = "TIME", description = "Before then")
  private @Nullable Instant to;

  @Option(names = "--oldest-first", description = "Begin with the oldest")
  private boolean oldestFirst;

  @Mixin private Paging paging = new Paging();

  AuditCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    AuditFilter filter = AuditFilter.all().limit(paging.page());
    if (keyId != null) {
      filter.key(keyId);
    }
    if (owners != null) {
      filter.owner(owners.toArray(Owner[]::new));
    }
    if (actor != null) {
      filter.actor(actor);
    }
    if (types != null) {
      filter.type(types.toArray(String[]::new));
    }
    if (from != null) {
      filter.from(from);
    }
    if (to != null) {
      filter.to(to);
    }
    if (oldestFirst) {
      filter.oldestFirst();
    }
    paging.print(session.output(), () -> session.keyledger().audit().all(filter), Views.ENTRY);
    return ExitCode.DONE.number();
  }
}
