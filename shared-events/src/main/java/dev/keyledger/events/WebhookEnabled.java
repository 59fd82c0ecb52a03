package dev.keyledger.events;

/** A webhook that was disabled receives events again, from this one on. */
@WireType(name = "WebhookEnabled", version = 1)
public record WebhookEnabled(String webhookId) implements WebhookEvent {}
