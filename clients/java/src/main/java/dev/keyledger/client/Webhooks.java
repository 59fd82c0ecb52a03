package dev.keyledger.client;

import static dev.keyledger.client.Transport.Side.COMMANDS;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The webhooks of the workspace. Thread-safe. */
public final class Webhooks {
  private final Call.Maker calls;

  Webhooks(Call.Maker calls) {
    this.calls = calls;
  }

  /**
   * A webhook.
   *
   * @param kind {@code http} or {@code email}
   * @param url null for mail
   * @param address null except for mail
   * @param types the types of the events that it receives; empty: all
   * @param owner the owner of the keys whose events it receives; null: any
   * @param disabledReason {@code requested} or {@code gone}; null while it is enabled
   * @param publicKey verifies the signatures {@code v1a}; null for mail
   * @param overlapEndsAt the end of the time in which the previous secret signs too; null if it no
   *     longer does
   */
  public record Webhook(
      String webhookId,
      String kind,
      @Nullable String url,
      @Nullable String address,
      List<String> types,
      @Nullable Owner owner,
      boolean enabled,
      @Nullable String disabledReason,
      @Nullable String publicKey,
      @Nullable Instant overlapEndsAt,
      Instant createdAt) {
    static Webhook of(Fields fields) {
      return new Webhook(
          fields.text("webhookId"),
          fields.text("kind"),
          fields.optionalText("url"),
          fields.optionalText("address"),
          fields.texts("types"),
          fields.object("owner", Owner::of),
          fields.flag("enabled"),
          fields.optionalText("disabledReason"),
          fields.optionalText("publicKey"),
          fields.optionalTime("overlapEndsAt"),
          fields.time("createdAt"));
    }
  }

  /**
   * A webhook and its new signing secret.
   *
   * @param secret shown only this once; empty for mail
   */
  public record SignedWebhook(Webhook webhook, Optional<Secret> secret) {
    static SignedWebhook of(Fields fields) {
      return new SignedWebhook(
          Webhook.of(fields), Optional.ofNullable(fields.optionalText("secret")).map(Secret::of));
    }
  }

  /**
   * A delivery of a webhook, and how far it is. Deliveries are kept for 14 days.
   *
   * @param type the type of the event, or {@code WebhookTest}
   * @param keyId null if it is about no key
   * @param position the position of the event; null for a test
   * @param status whether it is pending, delivered or dead
   * @param attempts how many attempts were made
   * @param nextAttemptAt null if none is due yet, or none will be made
   * @param responseStatus the status of the last response; null if there was none
   * @param responseBody the beginning of the last response; null if there was none
   */
  public record Delivery(
      String deliveryId,
      String type,
      @Nullable String keyId,
      @Nullable Long position,
      String status,
      int attempts,
      @Nullable Instant nextAttemptAt,
      @Nullable Long responseStatus,
      @Nullable String responseBody,
      Instant createdAt) {
    static Delivery of(Fields fields) {
      return new Delivery(
          fields.text("deliveryId"),
          fields.text("type"),
          fields.optionalText("keyId"),
          fields.optionalNumber("position"),
          fields.text("status"),
          (int) fields.number("attempts"),
          fields.optionalTime("nextAttemptAt"),
          fields.optionalNumber("responseStatus"),
          fields.optionalText("responseBody"),
          fields.time("createdAt"));
    }
  }

  /** Creates a webhook, which receives events from now on. */
  public SignedWebhook create(NewWebhook webhook) {
    return calls.command("POST", "webhooks").with(webhook.fields()).send(SignedWebhook::of);
  }

  /** Returns the webhooks of the workspace, newest first. */
  public Stream<Webhook> list() {
    return Page.all(cursor ->
        calls
            .get(COMMANDS, "webhooks")
            .query("cursor", cursor)
            .send(fields -> Page.of(fields, Webhook::of)));
  }

  /** Returns a webhook. */
  public Webhook get(String webhookId) {
    return calls.get(COMMANDS, "webhooks", webhookId).send(Webhook::of);
  }

  /** Enables or disables a webhook. A disabled one misses the events of that time. */
  public Webhook enable(String webhookId, boolean enabled) {
    return calls.command("PATCH", "webhooks", webhookId).with("enabled", enabled).send(Webhook::of);
  }

  /**
   * Gives a webhook a new signing secret.
   *
   * @param overlap the time for which the previous one signs too, up to 366 days; null: a day
   */
  public SignedWebhook rotateSecret(String webhookId, @Nullable Duration overlap) {
    return calls
        .command("POST", "webhooks", webhookId, "rotate-secret")
        .with("overlap", overlap)
        .send(SignedWebhook::of);
  }

  /** Sends a test delivery without an event; returns its id. */
  public String test(String webhookId) {
    return calls
        .command("POST", "webhooks", webhookId, "test")
        .send(fields -> fields.text("deliveryId"));
  }

  /**
   * Returns the deliveries of a webhook, newest first.
   *
   * @param status such as {@code dead}; null: all
   */
  public Stream<Delivery> deliveries(String webhookId, @Nullable String status) {
    return Page.all(cursor ->
        calls
            .get(COMMANDS, "webhooks", webhookId, "deliveries")
            .query("status", status)
            .query("cursor", cursor)
            .send(fields -> Page.of(fields, Delivery::of)));
  }

  /** Delivers again what is delivered or dead; returns the delivery, which is then pending. */
  public Delivery redeliver(String webhookId, String deliveryId) {
    return calls
        .command("POST", "webhooks", webhookId, "deliveries", deliveryId, "redeliver")
        .send(Delivery::of);
  }

  /** Deletes a webhook and its deliveries. */
  public void delete(String webhookId) {
    calls.command("DELETE", "webhooks", webhookId).send();
  }
}
