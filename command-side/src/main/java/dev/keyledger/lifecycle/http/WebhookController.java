package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.validated;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Workspaces;
import dev.keyledger.delivery.Deliveries;
import dev.keyledger.delivery.Delivery;
import dev.keyledger.delivery.DeliveryId;
import dev.keyledger.delivery.DeliveryStatus;
import dev.keyledger.delivery.SealedValues;
import dev.keyledger.delivery.mail.MailAddresses;
import dev.keyledger.delivery.webhook.ReachableNetworks;
import dev.keyledger.delivery.webhook.SigningSecret;
import dev.keyledger.delivery.webhook.TargetUrl;
import dev.keyledger.events.EventType;
import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.events.WebhookView;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.list.Cursors;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.CommandSide;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.lifecycle.workspace.PolicyLimits;
import dev.keyledger.lifecycle.workspace.WebhookCommand;
import dev.keyledger.lifecycle.workspace.WebhookCommand.ChangeWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.CreateWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.DeleteWebhook;
import dev.keyledger.lifecycle.workspace.WebhookCommand.RotateWebhookSecret;
import dev.keyledger.lifecycle.workspace.WorkspaceDecider;
import dev.keyledger.lifecycle.workspace.WorkspaceDecision;
import dev.keyledger.verification.secret.KeySecret;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The HTTP interface of webhooks and their deliveries. A webhook's settings come from the log, read
 * at its head; its URL or address, its secrets and its deliveries come from the tables of the
 * delivery.
 */
@RestController
@CommandSide
@RequestMapping(path = "/v1/webhooks", produces = MediaType.APPLICATION_JSON_VALUE)
class WebhookController {
  private static final String PERMISSION = "webhooks";
  private static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);

  /**
   * The longest time for which a test delivery waits until a node has read that its webhook exists.
   */
  private static final Duration READ_WAIT_MAX = Duration.ofSeconds(2);

  private static final Set<String> TYPES =
      EventType.all().stream().map(EventType::wireName).collect(Collectors.toUnmodifiableSet());

  private final Workspaces workspaces;
  private final WorkspacePolicies policies;
  private final IdempotentAnswers answers;
  private final KeyAnswers keyAnswers;
  private final Freshness freshness;
  private final SealedValues values;
  private final Deliveries deliveries;
  private final ReachableNetworks networks;
  private final MailAddresses addresses;
  private final Cursors cursors;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  WebhookController(
      Workspaces workspaces,
      WorkspacePolicies policies,
      IdempotentAnswers answers,
      KeyAnswers keyAnswers,
      Freshness freshness,
      SealedValues values,
      Deliveries deliveries,
      ReachableNetworks networks,
      MailAddresses addresses,
      Cursors cursors,
      InstantSource clock) {
    this.workspaces = workspaces;
    this.policies = policies;
    this.answers = answers;
    this.keyAnswers = keyAnswers;
    this.freshness = freshness;
    this.values = values;
    this.deliveries = deliveries;
    this.networks = networks;
    this.addresses = addresses;
    this.cursors = cursors;
    this.clock = clock;
  }

  /** The body of {@code POST /v1/webhooks}. */
  record Create(
      @Nullable String url,
      @Nullable String address,
      @Nullable String kind,
      @Nullable List<String> types,
      Bodies.@Nullable OwnerBody owner,
      @Nullable String reason) {}

  /** The body of {@code PATCH}. */
  record Change(
      @Nullable String url,
      @Nullable String address,
      @Nullable List<String> types,
      Bodies.@Nullable OwnerBody owner,
      @Nullable Boolean enabled,
      @Nullable String reason) {}

  /** The body of {@code rotate-secret}. */
  record Rotate(@Nullable Duration overlap, @Nullable String reason) {}

  /** The response of a list. */
  record Listed<E>(List<E> data, @Nullable String nextCursor) {}

  /** A delivery as the API shows it; absent values are left out. */
  record DeliveryResource(
      String deliveryId,
      String type,
      @Nullable String keyId,
      @Nullable Long position,
      DeliveryStatus status,
      int attempts,
      @Nullable Instant nextAttemptAt,
      @Nullable Integer responseStatus,
      @Nullable String responseBody,
      Instant createdAt) {
    static DeliveryResource of(Delivery delivery) {
      return new DeliveryResource(
          delivery.deliveryId(),
          delivery.type(),
          delivery.keyId(),
          delivery.position(),
          delivery.status(),
          delivery.attempts(),
          delivery.nextAttemptAt(),
          delivery.responseStatus(),
          delivery.responseBody(),
          delivery.createdAt());
    }
  }

  @PostMapping
  @Needs(PERMISSION)
  ResponseEntity<?> create(ApiCall call) {
    var body = command(call, Create.class);
    Caller caller = policies.caller(call);
    String id = DeliveryId.WEBHOOK.next(clock.instant());
    var kept = new Kept(id);
    return execute(
        call,
        caller,
        body.reason(),
        null,
        (fields, _) -> {
          WebhookKind kind = fields.optional("kind", body.kind(), WebhookController::kindOf);
          boolean byMail = kind == WebhookKind.EMAIL;
          String target =
              byMail
                  ? fields.required("address", body.address(), addresses::parse)
                  : fields.required("url", body.url(), this::urlOf);
          refuseOther(fields, byMail, body.url(), body.address());
          List<String> types = fields.optional("types", body.types(), WebhookController::typesOf);
          Owner owner = body.owner() == null ? null : Bodies.OwnerBody.read(fields, body.owner());
          fields.requireValid();
          kept.makeTarget(validated(target));
          if (!byMail) {
            kept.makeSecret();
          }
          return new Prepared(
              HttpStatus.CREATED,
              new CreateWebhook(
                  caller.workspace(),
                  id,
                  byMail ? WebhookKind.EMAIL : WebhookKind.HTTP,
                  types,
                  owner,
                  validated(kept.targetId),
                  kept.secretId),
              kept);
        });
  }

  @GetMapping
  @Needs(PERMISSION)
  Listed<WebhookResource> list(ApiCall call) {
    var list = new ListCall("webhooks", call, cursors);
    int limit = list.limit();
    String before = list.cursor(List::getFirst);
    Caller caller = call.caller();
    List<WebhookView> found = new ArrayList<>(workspace(caller).webhooks().values());
    Collections.reverse(found);
    if (before != null) {
      found.removeIf(webhook -> webhook.webhookId().compareTo(before) >= 0);
    }
    List<WebhookView> page = found.subList(0, Math.min(limit, found.size()));
    var kept = WebhookValues.of(page, values);
    return new Listed<>(
        page.stream().map(webhook -> kept.resource(webhook, clock.instant())).toList(),
        found.size() > limit ? list.next(page.getLast().webhookId()) : null);
  }

  @GetMapping("/{webhookId}")
  @Needs(PERMISSION)
  WebhookResource webhook(@PathVariable String webhookId, ApiCall call) {
    Caller caller = call.allowQuery().caller();
    WebhookView webhook = existing(caller, webhookId);
    return WebhookValues.of(List.of(webhook), values).resource(webhook, clock.instant());
  }

  @PatchMapping("/{webhookId}")
  @Needs(PERMISSION)
  ResponseEntity<?> change(@PathVariable String webhookId, ApiCall call) {
    var body = command(call, Change.class);
    Set<String> cleared = call.clearedFields();
    Caller caller = policies.caller(call);
    var kept = new Kept(webhookId);
    return execute(
        call,
        caller,
        body.reason(),
        webhookId,
        (fields, webhook) -> {
          fields.refuseClearing("url", cleared);
          fields.refuseClearing("address", cleared);
          fields.refuseClearing("enabled", cleared);
          boolean byMail = validated(webhook).kind() == WebhookKind.EMAIL;
          String target =
              byMail
                  ? fields.optional("address", body.address(), addresses::parse)
                  : fields.optional("url", body.url(), this::urlOf);
          refuseOther(fields, byMail, body.url(), body.address());
          List<String> types = fields.optional("types", body.types(), WebhookController::typesOf);
          Owner owner = body.owner() == null ? null : Bodies.OwnerBody.read(fields, body.owner());
          fields.requireValid();
          kept.show(validated(webhook));
          if (target != null && !target.equals(kept.target)) {
            kept.makeTarget(target);
          }
          return new Prepared(
              HttpStatus.OK,
              new ChangeWebhook(
                  caller.workspace(),
                  webhookId,
                  kept.targetId,
                  types,
                  owner,
                  body.enabled(),
                  cleared),
              kept);
        });
  }

  @DeleteMapping("/{webhookId}")
  @Needs(PERMISSION)
  ResponseEntity<?> delete(@PathVariable String webhookId, ApiCall call) {
    var body = command(call, Bodies.ReasonOnly.class);
    Caller caller = policies.caller(call);
    return execute(
        call,
        caller,
        body.reason(),
        webhookId,
        (_, _) ->
            new Prepared(
                HttpStatus.NO_CONTENT,
                new DeleteWebhook(caller.workspace(), webhookId),
                new Kept(webhookId)));
  }

  @PostMapping("/{webhookId}/rotate-secret")
  @Needs(PERMISSION)
  ResponseEntity<?> rotateSecret(@PathVariable String webhookId, ApiCall call) {
    var body = command(call, Rotate.class);
    Caller caller = policies.caller(call);
    var kept = new Kept(webhookId);
    return execute(
        call,
        caller,
        body.reason(),
        webhookId,
        (fields, webhook) -> {
          Duration overlap = fields.optional("overlap", body.overlap(), PolicyLimits::overlap);
          fields.requireValid();
          kept.show(validated(webhook));
          kept.makeSecret();
          return new Prepared(
              HttpStatus.OK,
              new RotateWebhookSecret(
                  caller.workspace(),
                  webhookId,
                  validated(kept.secretId),
                  clock.instant(),
                  overlap == null ? DEFAULT_OVERLAP : overlap),
              kept);
        });
  }

  @PostMapping("/{webhookId}/test")
  @Needs(PERMISSION)
  ResponseEntity<?> test(@PathVariable String webhookId, ApiCall call) {
    var body = command(call, Bodies.ReasonOnly.class);
    Caller caller = policies.caller(call);
    requireDelivers(existing(caller, webhookId), caller);
    readReason(body);
    return freshness
        .awaitValue(() -> deliveries.test(webhookId), READ_WAIT_MAX, caller.workspace())
        .map(delivery -> accepted(caller, delivery))
        .orElseThrow(() ->
            new ProblemException(
                ProblemCode.NOT_YET_APPLIED,
                "The deliveries have not caught up with this webhook; try again in a moment."));
  }

  @GetMapping("/{webhookId}/deliveries")
  @Needs(PERMISSION)
  Listed<DeliveryResource> deliveries(@PathVariable String webhookId, ApiCall call) {
    var list = new ListCall("deliveries/" + webhookId, call, cursors, "status");
    DeliveryStatus status = list.oneOf("status", DeliveryStatus.values(), DeliveryStatus::toString);
    int limit = list.limit();
    Long before = list.cursor(place -> Long.valueOf(place.getFirst()));
    Caller caller = call.caller();
    var _ = existing(caller, webhookId);
    List<Delivery> found = deliveries.list(webhookId, status, before, limit + 1);
    List<Delivery> page = found.subList(0, Math.min(limit, found.size()));
    return new Listed<>(
        page.stream().map(DeliveryResource::of).toList(),
        found.size() > limit ? list.next(page.getLast().number()) : null);
  }

  @PostMapping("/{webhookId}/deliveries/{deliveryId}/redeliver")
  @Needs(PERMISSION)
  ResponseEntity<?> redeliver(
      @PathVariable String webhookId, @PathVariable String deliveryId, ApiCall call) {
    var body = command(call, Bodies.ReasonOnly.class);
    Caller caller = policies.caller(call);
    WebhookView webhook = existing(caller, webhookId);
    if (!DeliveryId.DELIVERY.matches(deliveryId)
        || deliveries.find(webhookId, deliveryId).isEmpty()) {
      throw new ProblemException(
          ProblemCode.NOT_FOUND, "There is no such delivery of this webhook.");
    }
    readReason(body);
    requireDelivers(webhook, caller);
    return deliveries
        .redeliver(webhookId, deliveryId)
        .map(delivery -> accepted(caller, delivery))
        .orElseThrow(() ->
            new ProblemException(
                ProblemCode.CONFLICT, "The delivery is pending: it will be attempted anyway."));
  }

  /** Refuses to add a delivery to a webhook that is disabled or whose workspace is closed. */
  private void requireDelivers(WebhookView webhook, Caller caller) {
    if (workspace(caller).isClosed()) {
      throw IdempotentAnswers.problem(Outcome.Rejected.WORKSPACE_CLOSED);
    }
    if (webhook.disabledReason() != null) {
      throw new ProblemException(
          ProblemCode.CONFLICT, "The webhook is disabled and sends nothing. Enable it first.");
    }
  }

  /** Returns the answer with a delivery, at the position of its webhook's workspace. */
  private ResponseEntity<?> accepted(Caller caller, Delivery delivery) {
    return keyAnswers
        .at(workspace(caller).position(), ResponseEntity.accepted())
        .body(DeliveryResource.of(delivery));
  }

  private static void readReason(Bodies.ReasonOnly body) {
    var fields = new Fields();
    fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireValid();
  }

  /** Returns the body of a command, none of which is on a resource with versions. */
  private <T> T command(ApiCall call, Class<T> body) {
    T read = call.allowQuery().command(body);
    if (call.ifMatch() != null) {
      throw ProblemException.unreadable("If-Match", "is for commands on a key or a workspace");
    }
    return read;
  }

  private String urlOf(String text) {
    return TargetUrl.parse(text, networks).uri().toString();
  }

  private static WebhookKind kindOf(String text) {
    return ListCall.named(text, WebhookKind.values(), WebhookKind::toString);
  }

  /** Refuses the target that belongs to the other kind of webhook. */
  private static void refuseOther(
      Fields fields, boolean byMail, @Nullable String url, @Nullable String address) {
    if (byMail && url != null) {
      fields.wrong("url", "is for webhooks of kind http");
    }
    if (!byMail && address != null) {
      fields.wrong("address", "is for webhooks of kind email");
    }
  }

  private static List<String> typesOf(List<String> types) {
    if (types.isEmpty() || types.size() > TYPES.size()) {
      throw new IllegalArgumentException("must have 1 to " + TYPES.size() + " entries");
    }
    if (!TYPES.containsAll(types)) {
      throw new IllegalArgumentException("must be types of events");
    }
    return types.stream().distinct().toList();
  }

  /** Reads the fields of a body into a command and notes every error. */
  private interface CommandReader {
    /**
     * @param webhook its present state; null: it is to be created
     */
    Prepared read(Fields fields, @Nullable WebhookView webhook);
  }

  private record Prepared(HttpStatus status, WebhookCommand command, Kept kept) {}

  /**
   * @param webhookId the id in the path; null: none
   */
  private ResponseEntity<?> execute(
      ApiCall call,
      Caller caller,
      @Nullable String reasonGiven,
      @Nullable String webhookId,
      CommandReader reader) {
    Supplier<@Nullable WebhookView> target =
        () -> webhookId == null ? null : existing(caller, webhookId);
    Supplier<Order<WorkspaceDecision>> orders =
        () -> {
          WebhookView webhook = target.get();
          var fields = new Fields();
          String reason = fields.optional("reason", reasonGiven, Bodies::reasonOf);
          Prepared read = reader.read(fields, webhook);
          fields.requireValid();
          // A rejected command must leave nothing behind.
          if (WorkspaceDecider.decide(workspace(caller), read.command)
              instanceof Outcome.Rejected rejected) {
            throw IdempotentAnswers.problem(rejected);
          }
          read.kept.store();
          StoredAnswer answer = read.kept.answer(read.status, caller.workspace());
          return new Order<>(read.command, KeyCommands.origin(caller, call, reason), _ -> answer);
        };
    return answers.execute(
        call,
        caller,
        () -> {
          var _ = target.get();
        },
        orders);
  }

  /** Returns the caller's workspace as it is at the head of the log. */
  private WorkspaceView workspace(Caller caller) {
    policies.catchUp();
    return workspaces.find(caller.workspace()).orElseThrow(WebhookController::notFound);
  }

  private WebhookView existing(Caller caller, String webhookId) {
    WebhookView webhook = workspace(caller).webhooks().get(webhookId);
    if (webhook == null) {
      throw notFound();
    }
    return webhook;
  }

  private static ProblemException notFound() {
    return new ProblemException(
        ProblemCode.NOT_FOUND, "There is no such webhook in this workspace.");
  }

  /**
   * The data that a command stores outside of the log, made once for all its attempts: the values
   * that the command names by id, and the part of the answer that shows them. Confined to one
   * thread.
   */
  private final class Kept {
    private final String webhookId;
    private final Map<String, byte[]> toStore = new HashMap<>();
    private @Nullable String targetId;
    private @Nullable String target;
    private @Nullable String secretId;
    private @Nullable String publicKey;
    private @Nullable KeySecret secret;

    Kept(String webhookId) {
      this.webhookId = webhookId;
    }

    /** Adds the stored values of a webhook to the answer, unless the command creates new ones. */
    void show(WebhookView webhook) {
      var kept = WebhookValues.of(List.of(webhook), values);
      target = targetId == null ? kept.targetOf(webhook) : target;
      publicKey = secretId == null ? kept.publicKeyOf(webhook) : publicKey;
    }

    void makeTarget(String to) {
      if (targetId == null) {
        target = to;
        targetId = make(to.getBytes(UTF_8));
      }
    }

    void makeSecret() {
      if (secretId == null) {
        var signing = SigningSecret.generate(random);
        secret = KeySecret.of(signing.revealToItsCaller());
        publicKey = signing.publicKey();
        secretId = make(signing.toBytes());
      }
    }

    private String make(byte[] value) {
      String id = DeliveryId.VALUE.next(clock.instant());
      toStore.put(id, value);
      return id;
    }

    /** Stores the created values, once. */
    void store() {
      toStore.forEach((id, value) -> values.keep(id, webhookId, value));
      toStore.clear();
    }

    StoredAnswer answer(HttpStatus status, String workspace) {
      return new StoredAnswer.OfWebhook(
          status.value(),
          workspace,
          webhookId,
          clock.instant(),
          target,
          publicKey,
          secretId,
          secret);
    }
  }
}
