package dev.keyledger.events;

import java.time.Instant;

/**
 * A webhook got another signing secret. Until the overlap ends, the previous one signs too.
 *
 * @param secret the id under which the new signing secret is kept
 * @param overlapEndsAt the end of the overlap, exclusive
 */
@WireType(name = "WebhookSecretRotated", version = 1)
public record WebhookSecretRotated(String webhookId, String secret, Instant overlapEndsAt)
    implements WebhookEvent {}
