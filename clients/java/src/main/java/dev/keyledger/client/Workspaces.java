package dev.keyledger.client;

import static dev.keyledger.client.Transport.Side.COMMANDS;

import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tenants of the service; for the root key. Thread-safe. */
public final class Workspaces {
  private final Call.Maker calls;
  private final Changes changes;

  Workspaces(Call.Maker calls, Changes changes) {
    this.calls = calls;
    this.changes = changes;
  }

  /**
   * A workspace.
   *
   * @param createdAt null for {@code default}, which exists from the start
   * @param closedAt null while it is open
   * @param version the number of its own events
   */
  public record Workspace(
      String workspace,
      Policy policy,
      @Nullable Instant createdAt,
      @Nullable Instant closedAt,
      long version) {
    static Workspace of(Fields fields) {
      return new Workspace(
          fields.text("workspace"),
          Policy.of(fields.required("policy")),
          fields.optionalTime("createdAt"),
          fields.optionalTime("closedAt"),
          fields.number("version"));
    }
  }

  /** Opens a workspace; {@code [a-z][a-z0-9-]{1,62}}. */
  public Workspace open(String workspace, PolicyChange policy) {
    return calls
        .command("POST", "workspaces")
        .with("workspace", workspace)
        .with("policy", policy)
        .send(Workspace::of);
  }

  /** Returns all workspaces. */
  public Stream<Workspace> list() {
    return Page.all(cursor ->
        calls
            .get(COMMANDS, "workspaces")
            .query("cursor", cursor)
            .send(fields -> Page.of(fields, Workspace::of)));
  }

  /** Returns a workspace. */
  public Workspace get(String workspace) {
    return calls.get(COMMANDS, "workspaces", workspace).send(Workspace::of);
  }

  /** Changes the policy of a workspace. */
  public Workspace changePolicy(String workspace, PolicyChange policy) {
    return changed(calls.command("PATCH", "workspaces", workspace).with("policy", policy));
  }

  /** Closes a workspace permanently: its keys are then unknown to every check. */
  public Workspace close(String workspace) {
    return changed(calls.command("POST", "workspaces", workspace, "close"));
  }

  private Workspace changed(Call command) {
    try {
      return command.send(Workspace::of);
    } finally {
      changes.manyChanged();
    }
  }
}
