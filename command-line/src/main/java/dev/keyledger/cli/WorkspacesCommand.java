package dev.keyledger.cli;

import dev.keyledger.client.Workspaces;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The tenants of the service. */
@Command(name = "workspaces", description = "Lists, opens and closes workspaces; for the root key")
final class WorkspacesCommand {
  private final Session session;

  WorkspacesCommand(Session session) {
    this.session = session;
  }

  @Command(description = "Lists all workspaces")
  void list(@Mixin Paging paging) {
    paging.print(session.output(), () -> workspaces(new CommandOptions()).list(), Views.WORKSPACE);
  }

  @Command(description = "Shows a workspace and its policy")
  void show(@Parameters(paramLabel = "NAME", description = "Its name") String name) {
    session.output().one(workspaces(new CommandOptions()).get(name), Views.WORKSPACE);
  }

  @Command(description = "Opens a workspace")
  void open(
      @Parameters(paramLabel = "NAME", description = "a-z, 0-9 and -, the first a letter")
          String name,
      @Mixin PolicyOptions policy,
      @Mixin CommandOptions because) {
    session.output().one(workspaces(because).open(name, policy.change()), Views.WORKSPACE);
  }

  @Command(description = "Changes the policy of a workspace, for later commands")
  void policy(
      @Parameters(paramLabel = "NAME", description = "Its name") String name,
      @Mixin PolicyOptions policy,
      @Mixin CommandOptions because) {
    session.output().one(workspaces(because).changePolicy(name, policy.change()), Views.WORKSPACE);
  }

  @Command(description = "Closes a workspace, for ever: its keys are then unknown to every check")
  void close(
      @Parameters(paramLabel = "NAME", description = "Its name") String name,
      @Option(names = "--dry-run", description = "Only show what would be closed") boolean dryRun,
      @Mixin CommandOptions because) {
    Workspaces workspaces = workspaces(because);
    if (dryRun) {
      session.output().note("Nothing is done. Without --dry-run, this would close:");
    }
    session.output().one(dryRun ? workspaces.get(name) : workspaces.close(name), Views.WORKSPACE);
  }

  private Workspaces workspaces(CommandOptions because) {
    return session.keyledger(because.options()).workspaces();
  }
}
