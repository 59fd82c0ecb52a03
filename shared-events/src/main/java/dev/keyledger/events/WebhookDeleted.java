package dev.keyledger.events;

/** A webhook was deleted, and its deliveries with it. */
@WireType(name = "WebhookDeleted", version = 1)
public record WebhookDeleted(String webhookId) implements WebhookEvent {}
