package dev.keyledger.access;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The workspaces as this node knows them, with the policy in force and the approximate number of
 * keys of each. Fed from the log, so that it may lag by events that the node has not applied yet. A
 * decision records up to which position it knew them ({@link InForce#knownTo}).
 *
 * <p>One thread writes, any number read.
 */
public final class Workspaces {
  /** The workspace that exists from the start. */
  public static final String DEFAULT = WorkspaceView.DEFAULT_NAME;

  private final ConcurrentSkipListMap<String, WorkspaceView> workspaces =
      new ConcurrentSkipListMap<>();
  private final ConcurrentHashMap<String, Long> keys;
  private volatile long knownTo;

  /** Creates the state of a log without events. */
  public Workspaces() {
    this(Map.of(), List.of());
  }

  /**
   * Creates the state of a log at a position.
   *
   * @param keys the number of keys of each workspace that were not revoked
   * @param events the events of all workspaces up to there, in order
   */
  public Workspaces(Map<String, Long> keys, List<LoggedEvent> events) {
    this.keys = new ConcurrentHashMap<>(keys);
    put(WorkspaceView.fold(DEFAULT, List.of()));
    events.forEach(this::apply);
  }

  /**
   * The state of a workspace, as far as this node knows.
   *
   * @param keys the approximate number of keys that are not revoked
   * @param knownTo the position of the last event of any workspace that is taken into account
   */
  public record InForce(WorkspaceView workspace, long keys, long knownTo) {}

  /**
   * Applies the next event of the log.
   *
   * @throws IllegalStateException if the event cannot follow the previous ones
   */
  public void apply(LoggedEvent logged) {
    switch (logged.event()) {
      case WorkspaceEvent _ -> {
        put(WorkspaceView.after(workspaces.get(logged.workspace()), logged));
        knownTo = logged.position(); // after the state that it covers
      }
      case KeyEvent event -> {
        long more = keysMoreAfter(event);
        if (more != 0) {
          keys.merge(logged.workspace(), more, Long::sum);
        }
      }
    }
  }

  private static long keysMoreAfter(KeyEvent event) {
    return switch (event) {
      case KeyImported imported when imported.revokedAt() != null -> 0;
      case KeyEvent.BeginsKey _ -> 1;
      case KeyRevoked _ -> -1;
      case KeyEvent.ChangesSecrets _,
          KeyEvent.ChangesState _,
          KeyEvent.ChangesCondition _,
          KeyEvent.ChangesDetails _,
          KeyEvent.RecordsNote _ ->
          0;
    };
  }

  /** Returns a workspace, or empty if the name is unknown. */
  public Optional<WorkspaceView> find(String workspace) {
    return Optional.ofNullable(workspaces.get(workspace));
  }

  /**
   * Returns workspaces in the order of their names.
   *
   * @param after the name to continue after, exclusive; null starts at the first
   */
  public List<WorkspaceView> list(@Nullable String after, int max) {
    var rest = after == null ? workspaces : workspaces.tailMap(after, false);
    return rest.values().stream().limit(max).toList();
  }

  /** Returns the state of a workspace, or empty if the name is unknown. */
  public Optional<InForce> inForce(String workspace) {
    long known = knownTo; // before the state that it covers
    return find(workspace).map(view -> new InForce(view, keys.getOrDefault(workspace, 0L), known));
  }

  private void put(@Nullable WorkspaceView view) {
    if (view != null) {
      workspaces.put(view.workspace(), view);
    }
  }
}
