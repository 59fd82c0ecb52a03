package dev.keyledger.events;

/**
 * A fact about a webhook of a workspace. It names addresses and secrets by the ids under which the
 * delivery keeps them, and never contains one, because the log is permanent.
 */
public sealed interface WebhookEvent extends WorkspaceEvent
    permits WebhookCreated,
        WebhookChanged,
        WebhookEnabled,
        WebhookDisabled,
        WebhookSecretRotated,
        WebhookDeleted {
  /** Returns the id of the webhook, unique in the log. */
  String webhookId();
}
