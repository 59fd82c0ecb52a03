package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookDisabledReason;
import dev.keyledger.events.WebhookKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command about a webhook of a workspace. It names addresses and secrets by the ids under which
 * they are kept.
 */
public sealed interface WebhookCommand extends WorkspaceCommand {
  String webhookId();

  /**
   * Create a webhook.
   *
   * @param types the wire names of the events to deliver; null: all
   * @param owner limits deliveries to events of this owner's keys; null: all events of the
   *     workspace
   * @param target the id of its address
   * @param secret the id of its signing secret; null: none
   */
  record CreateWebhook(
      String workspace,
      String webhookId,
      WebhookKind kind,
      @Nullable List<String> types,
      @Nullable Owner owner,
      String target,
      @Nullable String secret)
      implements WebhookCommand {}

  /**
   * Set some fields of a webhook; null: unchanged.
   *
   * @param cleared the names of the fields to clear, types or owner
   */
  record ChangeWebhook(
      String workspace,
      String webhookId,
      @Nullable String target,
      @Nullable List<String> types,
      @Nullable Owner owner,
      @Nullable Boolean enabled,
      Set<String> cleared)
      implements WebhookCommand {
    public ChangeWebhook {
      cleared = Set.copyOf(cleared);
    }
  }

  /** Stop the deliveries of a webhook until it is enabled again. */
  record DisableWebhook(String workspace, String webhookId, WebhookDisabledReason reason)
      implements WebhookCommand {}

  /**
   * Give a webhook another signing secret.
   *
   * @param secret the id of the new one
   * @param overlap the time for which the previous one signs too
   */
  record RotateWebhookSecret(
      String workspace, String webhookId, String secret, Instant now, Duration overlap)
      implements WebhookCommand {}

  /** Delete a webhook permanently. */
  record DeleteWebhook(String workspace, String webhookId) implements WebhookCommand {}
}
