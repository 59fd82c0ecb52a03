package dev.keyledger.events;

/** A webhook receives no events until it is enabled again. */
@WireType(name = "WebhookDisabled", version = 1)
public record WebhookDisabled(String webhookId, WebhookDisabledReason reason)
    implements WebhookEvent {}
