package dev.keyledger.cli;

import dev.keyledger.client.NewWebhook;
import dev.keyledger.client.Owner;
import dev.keyledger.client.Webhooks;
import dev.keyledger.client.Webhooks.SignedWebhook;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands on webhooks. */
@Command(
    name = "webhooks",
    description = "Lists, creates, tests and deletes webhooks; shows and repeats deliveries")
final class WebhooksCommand {
  private static final String WEBHOOK = "WEBHOOK_ID";

  private final Session session;

  WebhooksCommand(Session session) {
    this.session = session;
  }

  @Command(description = "Lists the webhooks of the workspace, newest first")
  void list(@Mixin Paging paging) {
    paging.print(session.output(), () -> webhooks(new CommandOptions()).list(), Views.WEBHOOK);
  }

  @Command(description = "Shows a webhook")
  void show(@Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId) {
    session.output().one(webhooks(new CommandOptions()).get(webhookId), Views.WEBHOOK);
  }

  @Command(
      description =
          "Creates a webhook, and prints its signing secret once, alone, to standard output")
  void create(
      @Parameters(
              paramLabel = "URL_OR_ADDRESS",
              description = "Where it is told: an https URL, or a mail address")
          String receiver,
      @Option(
              names = "--type",
              paramLabel = "TYPE",
              description = "What it is told, such as KeyRevoked; repeatable; default: everything")
          @Nullable List<String> types,
      @Option(names = "--owner", paramLabel = "TYPE:ID", description = "Of this owner's keys only")
          @Nullable Owner owner,
      @Mixin NewSecret newSecret,
      @Mixin CommandOptions because) {
    NewWebhook webhook =
        receiver.contains("://") ? NewWebhook.to(receiver) : NewWebhook.byMailTo(receiver);
    if (types != null) {
      webhook.types(types.toArray(String[]::new));
    }
    if (owner != null) {
      webhook.owner(owner);
    }
    print(newSecret, () -> webhooks(because).create(webhook));
  }

  @Command(description = "Enables a webhook")
  void enable(
      @Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId,
      @Mixin CommandOptions because) {
    session.output().one(webhooks(because).enable(webhookId, true), Views.WEBHOOK);
  }

  @Command(description = "Disables a webhook: it misses what happens until it is enabled")
  void disable(
      @Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId,
      @Option(names = "--dry-run", description = "Only show what would be disabled") boolean dryRun,
      @Mixin CommandOptions because) {
    Webhooks webhooks = webhooks(because);
    dryRun(dryRun, "disable");
    session
        .output()
        .one(dryRun ? webhooks.get(webhookId) : webhooks.enable(webhookId, false), Views.WEBHOOK);
  }

  @Command(
      name = "rotate-secret",
      description = "Gives a webhook a new signing secret, and prints it as 'create' does")
  void rotateSecret(
      @Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId,
      @Option(
              names = "--overlap",
              paramLabel = "DURATION",
              description = "How long the old one signs too; default: 1d")
          @Nullable Duration overlap,
      @Option(names = "--dry-run", description = "Only show whose secret would end") boolean dryRun,
      @Mixin NewSecret newSecret,
      @Mixin CommandOptions because) {
    Webhooks webhooks = webhooks(because);
    if (dryRun) {
      dryRun(true, "rotate the secret of");
      session.output().one(webhooks.get(webhookId), Views.WEBHOOK);
    } else {
      print(newSecret, () -> webhooks.rotateSecret(webhookId, overlap));
    }
  }

  @Command(description = "Sends a delivery of type WebhookTest, and prints its id")
  void test(
      @Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId,
      @Mixin CommandOptions because) {
    String delivery = webhooks(because).test(webhookId);
    session
        .output()
        .line(session.output().json() ? Json.write(Map.of("deliveryId", delivery)) : delivery);
  }

  @Command(description = "Lists the deliveries of a webhook, newest first")
  void deliveries(
      @Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only those that are pending, delivered or dead")
          @Nullable String status,
      @Mixin Paging paging) {
    paging.print(
        session.output(),
        () -> webhooks(new CommandOptions()).deliveries(webhookId, status),
        Views.DELIVERY);
  }

  @Command(description = "Delivers again what is delivered or dead")
  void redeliver(
      @Parameters(paramLabel = WEBHOOK, description = "The id of the webhook") String webhookId,
      @Parameters(paramLabel = "DELIVERY_ID", description = "The id of the delivery")
          String deliveryId,
      @Mixin CommandOptions because) {
    session.output().one(webhooks(because).redeliver(webhookId, deliveryId), Views.DELIVERY);
  }

  @Command(description = "Deletes a webhook and its deliveries")
  void delete(
      @Parameters(paramLabel = WEBHOOK, description = "Its id") String webhookId,
      @Option(names = "--dry-run", description = "Only show what would be deleted") boolean dryRun,
      @Mixin CommandOptions because) {
    Webhooks webhooks = webhooks(because);
    Webhooks.Webhook webhook = webhooks.get(webhookId);
    dryRun(dryRun, "delete");
    if (!dryRun) {
      webhooks.delete(webhookId);
    }
    session.output().one(webhook, Views.WEBHOOK);
  }

  private void dryRun(boolean dryRun, String what) {
    if (dryRun) {
      session.output().note("Nothing is done. Without --dry-run, this would " + what + ":");
    }
  }

  private void print(NewSecret newSecret, Supplier<SignedWebhook> command) {
    newSecret.print(session, command, SignedWebhook::webhook, SignedWebhook::secret, Views.WEBHOOK);
  }

  private Webhooks webhooks(CommandOptions because) {
    return session.keyledger(because.options()).webhooks();
  }
}
