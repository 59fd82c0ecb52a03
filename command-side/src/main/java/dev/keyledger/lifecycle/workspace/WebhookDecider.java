package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookChanged;
import dev.keyledger.events.WebhookCreated;
import dev.keyledger.events.WebhookDeleted;
import dev.keyledger.events.WebhookDisabled;
import dev.keyledger.events.WebhookDisabledReason;
import dev.keyledger.events.WebhookEnabled;
import dev.keyledger.events.WebhookEvent;
import dev.keyledger.events.WebhookSecretRotated;
import dev.keyledger.events.WebhookView;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.Outcome.Accepted;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.Outcome.Rejected;
import dev.keyledger.lifecycle.workspace.WebhookCommand.ChangeWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.CreateWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.DeleteWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.DisableWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.RotateWebhookSecret;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides commands on webhooks, from the workspace and the command alone. A webhook of a closed
 * workspace can still be disabled and deleted.
 */
public final class WebhookDecider {
  /** The maximum number of webhooks of a workspace. */
  public static final int WEBHOOKS_MAX = 100;

  /**
   * The maximum number of a workspace's events up to which its webhooks can be changed: every
   * command on a workspace reads them all. Beyond it, webhooks can still be deleted.
   */
  public static final int EVENTS_MAX = 10_000;

  private static final Rejected NOT_FOUND =
      new Rejected(Reason.NOT_FOUND, "There is no such webhook in this workspace.");

  private static final Rejected HISTORY_FULL =
      new Rejected(
          Reason.HISTORY_FULL,
          "The workspace has "
              + EVENTS_MAX
              + " events, the most that it may have; its webhooks can only be deleted.");

  private WebhookDecider() {}

  static Outcome decide(@Nullable WorkspaceView workspace, WebhookCommand command) {
    if (workspace == null) {
      return NOT_FOUND;
    }
    return switch (command) {
      case CreateWebhook create -> open(workspace, () -> create(workspace, create));
      case ChangeWebhook change -> change(workspace, change);
      case RotateWebhookSecret rotate ->
          existing(workspace, rotate, webhook -> rotate(webhook, rotate));
      case DisableWebhook disable -> disable(workspace, disable);
      case DeleteWebhook delete -> delete(workspace, delete);
    };
  }

  private static Outcome open(WorkspaceView workspace, Supplier<Outcome> decision) {
    if (workspace.isClosed()) {
      return Rejected.WORKSPACE_CLOSED;
    }
    return workspace.version() >= EVENTS_MAX ? HISTORY_FULL : decision.get();
  }

  private static Outcome existing(
      WorkspaceView workspace, WebhookCommand command, Function<WebhookView, Outcome> decision) {
    WebhookView webhook = workspace.webhooks().get(command.webhookId());
    return webhook == null ? NOT_FOUND : open(workspace, () -> decision.apply(webhook));
  }

  private static Outcome create(WorkspaceView workspace, CreateWebhook command) {
    if (workspace.webhooks().size() >= WEBHOOKS_MAX) {
      return new Rejected(
          Reason.QUOTA_EXCEEDED, "The workspace has " + WEBHOOKS_MAX + " webhooks; delete one.");
    }
    return Accepted.of(
        new WebhookCreated(
            command.webhookId(),
            command.kind(),
            command.types(),
            command.owner(),
            command.target(),
            command.secret()));
  }

  private static Outcome change(WorkspaceView workspace, ChangeWebhook command) {
    WebhookView webhook = workspace.webhooks().get(command.webhookId());
    if (webhook == null) {
      return NOT_FOUND;
    }
    WebhookEvent[] changes = changes(webhook, command);
    boolean onlyDisables =
        Boolean.FALSE.equals(command.enabled())
            && Stream.of(changes).allMatch(event -> event instanceof WebhookDisabled);
    return workspace.isClosed() && onlyDisables
        ? Accepted.of(changes)
        : open(workspace, () -> Accepted.of(changes));
  }

  private static WebhookEvent[] changes(WebhookView webhook, ChangeWebhook command) {
    var events = new ArrayList<WebhookEvent>();
    List<String> types = changed("types", webhook.types(), command.types(), command);
    Owner owner = changed("owner", webhook.owner(), command.owner(), command);
    String target = command.target() == null ? webhook.target() : command.target();
    if (!Objects.equals(types, webhook.types())
        || !Objects.equals(owner, webhook.owner())
        || !target.equals(webhook.target())) {
      events.add(new WebhookChanged(webhook.webhookId(), types, owner, target));
    }
    if (command.enabled() != null && command.enabled() != webhook.isEnabled()) {
      events.add(
          command.enabled()
              ? new WebhookEnabled(webhook.webhookId())
              : new WebhookDisabled(webhook.webhookId(), WebhookDisabledReason.REQUESTED));
    }
    return events.toArray(WebhookEvent[]::new);
  }

  private static <T> @Nullable T changed(
      String field, @Nullable T before, @Nullable T wanted, ChangeWebhook command) {
    if (command.cleared().contains(field)) {
      return null;
    }
    return wanted == null ? before : wanted;
  }

  private static Outcome rotate(WebhookView webhook, RotateWebhookSecret command) {
    if (webhook.secret() == null) {
      return new Rejected(
          Reason.INVALID_FIELD, "Deliveries of this webhook are not signed: it has no secret.");
    }
    return webhook.overlapEndsAfter(command.now()) == null
        ? Accepted.of(
            new WebhookSecretRotated(
                webhook.webhookId(), command.secret(), command.now().plus(command.overlap())))
        : new Rejected(
            Reason.ROTATION_IN_PROGRESS,
            "The previous secret of the webhook still signs; wait until overlapEndsAt.");
  }

  /** Disables a webhook, whatever the number of events: one of them enabled it. */
  private static Outcome disable(WorkspaceView workspace, DisableWebhook command) {
    WebhookView webhook = workspace.webhooks().get(command.webhookId());
    if (webhook == null) {
      return NOT_FOUND;
    }
    return webhook.isEnabled()
        ? Accepted.of(new WebhookDisabled(webhook.webhookId(), command.reason()))
        : Accepted.of();
  }

  private static Outcome delete(WorkspaceView workspace, DeleteWebhook command) {
    if (!workspace.webhooks().containsKey(command.webhookId())) {
      return NOT_FOUND;
    }
    return Accepted.of(new WebhookDeleted(command.webhookId()));
  }
}
