package dev.keyledger.events;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook as folded from the events of its workspace. The fields have the same meaning as in the
 * events.
 *
 * @param previousSecret the secret before the latest rotation; null if there was none
 * @param overlapEndsAt the end of the latest overlap, exclusive; null exactly without a previous
 *     secret
 * @param disabledReason null while it is enabled
 * @param createdAt the log's time of its creation
 */
public record WebhookView(
    String webhookId,
    WebhookKind kind,
    @Nullable List<String> types,
    @Nullable Owner owner,
    String target,
    @Nullable String secret,
    @Nullable String previousSecret,
    @Nullable Instant overlapEndsAt,
    @Nullable WebhookDisabledReason disabledReason,
    Instant createdAt) {

  static WebhookView of(WebhookCreated event, Instant createdAt) {
    return new WebhookView(
        event.webhookId(),
        event.kind(),
        event.types(),
        event.owner(),
        event.target(),
        event.secret(),
        null,
        null,
        null,
        createdAt);
  }

  /** Returns whether the webhook receives events. */
  public boolean isEnabled() {
    return disabledReason == null;
  }

  /** Returns the end of the overlap, if one is open at that time; else null. */
  public @Nullable Instant overlapEndsAfter(Instant now) {
    return overlapEndsAt != null && now.isBefore(overlapEndsAt) ? overlapEndsAt : null;
  }

  WebhookView changed(WebhookChanged event) {
    return new WebhookView(
        webhookId,
        kind,
        event.types(),
        event.owner(),
        event.target(),
        secret,
        previousSecret,
        overlapEndsAt,
        disabledReason,
        createdAt);
  }

  WebhookView rotated(WebhookSecretRotated event) {
    return new WebhookView(
        webhookId,
        kind,
        types,
        owner,
        target,
        event.secret(),
        secret,
        event.overlapEndsAt(),
        disabledReason,
        createdAt);
  }

  WebhookView with(@Nullable WebhookDisabledReason changed) {
    return new WebhookView(
        webhookId,
        kind,
        types,
        owner,
        target,
        secret,
        previousSecret,
        overlapEndsAt,
        changed,
        createdAt);
  }
}
