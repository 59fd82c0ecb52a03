package dev.keyledger.events;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A workspace as folded from its logged events.
 *
 * @param workspace its name
 * @param policy the policy for later commands
 * @param openedAt the log's time of its opening; null for {@link #DEFAULT_NAME}, which has none
 * @param closedAt the log's time of its closing; null while it is open
 * @param webhooks its webhooks by their ids, in the order of the ids
 * @param version the number of its events, which is the sequence of the next one
 * @param position the position of its latest event; 0 if it has none
 */
public record WorkspaceView(
    String workspace,
    WorkspacePolicy policy,
    @Nullable Instant openedAt,
    @Nullable Instant closedAt,
    Map<String, WebhookView> webhooks,
    long version,
    long position) {

  /** The workspace that exists from the start, without an event. */
  public static final String DEFAULT_NAME = "default";

  private static final WorkspaceView DEFAULT =
      new WorkspaceView(DEFAULT_NAME, WorkspacePolicy.DEFAULT, null, null, Map.of(), 0, 0);

  /** Returns the state of a workspace before its first event; null if it does not exist. */
  public static @Nullable WorkspaceView atFirst(String workspace) {
    return workspace.equals(DEFAULT_NAME) ? DEFAULT : null;
  }

  /** Folds all events of a workspace; returns null if there is none of that name. */
  public static @Nullable WorkspaceView fold(String workspace, List<LoggedEvent> events) {
    WorkspaceView view = atFirst(workspace);
    for (LoggedEvent event : events) {
      view = after(view, event);
    }
    return view;
  }

  /**
   * Returns the workspace after one more of its events.
   *
   * @param before null before it was opened
   * @throws IllegalStateException if the event cannot follow
   */
  public static WorkspaceView after(@Nullable WorkspaceView before, LoggedEvent logged) {
    if (!(logged.event() instanceof WorkspaceEvent event)) {
      throw new IllegalStateException(logged.event() + " is not an event of a workspace");
    }
    if (before == null) {
      if (event instanceof WorkspaceOpened opened) {
        return new WorkspaceView(
            logged.workspace(),
            opened.policy(),
            logged.time(),
            null,
            Map.of(),
            1,
            logged.position());
      }
      throw new IllegalStateException("the first event of a workspace must be WorkspaceOpened");
    }
    if (before.isClosed() && !mayFollowClosing(event)) {
      throw new IllegalStateException(before.workspace + " is closed permanently");
    }
    return switch (event) {
      case WorkspaceOpened _ ->
          throw new IllegalStateException(before.workspace + " can be opened only once");
      case PolicyChanged changed -> before.with(changed.policy(), null, logged);
      case WorkspaceClosed _ -> before.with(before.policy, logged.time(), logged);
      case WebhookEvent changed -> before.with(before.webhooksAfter(changed, logged), logged);
      case ContextErased _ -> before.with(before.policy, before.closedAt, logged);
    };
  }

  private static boolean mayFollowClosing(WorkspaceEvent event) {
    return event instanceof WebhookDisabled
        || event instanceof WebhookDeleted
        || event instanceof ContextErased;
  }

  private Map<String, WebhookView> webhooksAfter(WebhookEvent event, LoggedEvent logged) {
    var changed = new TreeMap<>(webhooks);
    String id = event.webhookId();
    switch (event) {
      case WebhookCreated created -> changed.put(id, WebhookView.of(created, logged.time()));
      case WebhookChanged to -> changed.put(id, webhook(id).changed(to));
      case WebhookSecretRotated rotated -> changed.put(id, webhook(id).rotated(rotated));
      case WebhookEnabled _ -> changed.put(id, webhook(id).with(null));
      case WebhookDisabled disabled -> changed.put(id, webhook(id).with(disabled.reason()));
      case WebhookDeleted _ -> changed.remove(id);
    }
    return Collections.unmodifiableMap(changed);
  }

  private WebhookView webhook(String id) {
    WebhookView webhook = webhooks.get(id);
    if (webhook == null) {
      throw new IllegalStateException(workspace + " has no webhook " + id);
    }
    return webhook;
  }

  private WorkspaceView with(
      WorkspacePolicy changedPolicy, @Nullable Instant closed, LoggedEvent logged) {
    return new WorkspaceView(
        workspace, changedPolicy, openedAt, closed, webhooks, version + 1, logged.position());
  }

  private WorkspaceView with(Map<String, WebhookView> changedWebhooks, LoggedEvent logged) {
    return new WorkspaceView(
        workspace, policy, openedAt, closedAt, changedWebhooks, version + 1, logged.position());
  }

  /**
   * Returns whether the workspace is closed: none of its keys is valid any more, and it accepts no
   * commands.
   */
  public boolean isClosed() {
    return closedAt != null;
  }
}
