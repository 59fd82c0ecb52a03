package dev.keyledger.lifecycle.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.access.Caller;
import dev.keyledger.access.Holder;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WebhookView;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.SelfResource;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.freshness.ProofReceipts;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.ContentionException;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Ledger.Result;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.Outcome.Rejected;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedDescent;
import dev.keyledger.lifecycle.idempotency.AnswerSeal;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.lifecycle.idempotency.RequestsInFlight;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.lifecycle.workspace.WorkspaceDecision;
import dev.keyledger.log.AnswerRecords;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogReader;
import dev.keyledger.verification.secret.KeySecret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * Answers commands; repeats the first answer to a repeated command. The same code builds both from
 * the same data, so that they cannot differ. Thread-safe.
 */
final class IdempotentAnswers {
  /** The header of a repeated response. */
  static final String REPLAYED_HEADER = "Idempotent-Replayed";

  private final Ledger ledger;
  private final AnswerSeal seal;
  private final RequestsInFlight inFlight;
  private final AnswerRecords records;
  private final LogReader log;
  private final KeyAnswers answers;
  private final ProofReceipts proofs;
  private final InstantSource clock;

  IdempotentAnswers(
      Ledger ledger,
      AnswerSeal seal,
      RequestsInFlight inFlight,
      AnswerRecords records,
      LogReader log,
      KeyAnswers answers,
      ProofReceipts proofs,
      InstantSource clock) {
    this.ledger = ledger;
    this.seal = seal;
    this.inFlight = inFlight;
    this.records = records;
    this.log = log;
    this.answers = answers;
    this.proofs = proofs;
    this.clock = clock;
  }

  /**
   * Executes the order of a request and returns the answer; or returns the first answer again, if
   * the request is a repetition. Adds a proof if the request asks for one.
   *
   * @param requireTarget throws if the target of the request does not exist: this has precedence
   *     over errors of its Idempotency-Key
   * @param orders creates the order, with an answer; throws if the request is invalid
   */
  <D extends CommandDecision> ResponseEntity<?> execute(
      ApiCall call, Caller caller, Runnable requireTarget, Supplier<Order<D>> orders) {
    return proofs.answer(
        call.proofWait(),
        caller.workspace(),
        () -> executeOrReplay(call, caller, requireTarget, orders));
  }

  private <D extends CommandDecision> ResponseEntity<?> executeOrReplay(
      ApiCall call, Caller caller, Runnable requireTarget, Supplier<Order<D>> orders) {
    String idempotencyKey = call.idempotencyKey();
    if (idempotencyKey == null) {
      return answer(execute(orders, null));
    }
    RepeatableRequest request = seal.request(caller, idempotencyKey, call.commandParts());
    return switch (inFlight.enter(request)) {
      case RequestsInFlight.Place place -> {
        try (place) {
          yield replay(request, requireTarget)
              .orElseGet(() -> executeFirst(request, requireTarget, orders));
        }
      }
      case RequestsInFlight.Taken taken -> {
        requireTarget.run();
        throw taken.same() ? stillRunning() : reused();
      }
    };
  }

  /**
   * Executes the order of a request that has no answer yet. If nothing was appended, looks for the
   * answer of a concurrent repetition, which may have executed the same order.
   */
  private <D extends CommandDecision> ResponseEntity<?> executeFirst(
      RepeatableRequest request, Runnable requireTarget, Supplier<Order<D>> orders) {
    requireSpace(request);
    Result<D> result;
    try {
      result = execute(orders, request);
    } catch (ProblemException rejected) {
      return replay(request, requireTarget).orElseThrow(() -> rejected);
    }
    Optional<ResponseEntity<?>> first =
        result.appended().isEmpty() ? replay(request, requireTarget) : Optional.empty();
    return first.isPresent() ? first.get() : answer(result);
  }

  private void requireSpace(RepeatableRequest request) {
    AnswerRecords.Usage usage = records.usage(request.caller());
    if (usage.bytes() >= StoredAnswer.BYTES_PER_CALLER_MAX) {
      throw ProblemException.rateLimited(
          "The answers that are kept for this caller take up 64 MiB; wait, or send commands without"
              + " an Idempotency-Key.",
          usage.untilLess());
    }
  }

  private <D extends CommandDecision> Result<D> execute(
      Supplier<Order<D>> orders, @Nullable RepeatableRequest request) {
    try {
      return ledger.execute(orders, request);
    } catch (ContentionException contention) {
      throw new ProblemException(
          ProblemCode.CONFLICT,
          "Others kept changing the same key or a workspace; read it and try again.");
    } catch (AppendConflictException conflict) {
      throw switch (conflict.kind()) {
        case DIGEST -> problem(Rejected.DIGEST_ALREADY_KNOWN);
        case IDEMPOTENCY -> stillRunning();
        case SEQUENCE, WORKSPACE, REMINDER ->
            new IllegalStateException("a conflict that should have been retried", conflict);
      };
    }
  }

  private <D extends CommandDecision> ResponseEntity<?> answer(Result<D> result) {
    result
        .decision()
        .rejected()
        .ifPresent(rejected -> {
          throw problem(rejected);
        });
    Function<D, StoredAnswer> answer = requireNonNull(result.order().answer(), "no answer");
    return switch (answer.apply(result.decision())) {
      case StoredAnswer.OfKey key ->
          answer(key, keyAfter(result), IdempotentAnswers::resource, true, false);
      case StoredAnswer.OfSelf self ->
          answer(self.key(), keyAfter(result), resourceOf(self), true, false);
      case StoredAnswer.OfDescent descent ->
          answer(
              descent,
              ((RevokedDescent) result.decision()).first().after(eventsOf(descent, result)),
              result.position(),
              false);
      case StoredAnswer.OfBatch batch -> answer(batch, result.position(), false);
      case StoredAnswer.OfWorkspace workspace ->
          answer(
              workspace, ((WorkspaceDecision) result.decision()).after(result.appended()), false);
      case StoredAnswer.OfWebhook webhook ->
          answer(
              webhook,
              ((WorkspaceDecision) result.decision()).after(result.appended()),
              true,
              false);
    };
  }

  private static KeyView keyAfter(Result<?> result) {
    return ((KeyDecision) result.decision()).after(result.appended());
  }

  private static List<LoggedEvent> eventsOf(StoredAnswer.OfDescent descent, Result<?> result) {
    StreamId key = StreamId.of(descent.keyId());
    return result.appended().stream().filter(event -> event.stream().equals(key)).toList();
  }

  /** Returns the problem for a rejection. */
  static ProblemException problem(Rejected rejected) {
    return new ProblemException(code(rejected.reason()), rejected.detail());
  }

  private static ProblemCode code(Reason reason) {
    return switch (reason) {
      case NOT_FOUND -> ProblemCode.NOT_FOUND;
      case VERSION_MISMATCH -> ProblemCode.VERSION_MISMATCH;
      case INVALID_FIELD -> ProblemCode.INVALID_FIELD;
      case LIFETIME_NOT_ALLOWED, NEVER_ACTIVE -> ProblemCode.LIFETIME_NOT_ALLOWED;
      case PERMISSION_NOT_ALLOWED -> ProblemCode.PERMISSION_NOT_ALLOWED;
      case PERMISSION_CEILING -> ProblemCode.PERMISSION_CEILING;
      case FORBIDDEN -> ProblemCode.FORBIDDEN;
      case WORKSPACE_CLOSED -> ProblemCode.WORKSPACE_CLOSED;
      case KEY_REVOKED -> ProblemCode.KEY_REVOKED;
      case KEY_EXPIRED -> ProblemCode.KEY_EXPIRED;
      case KEY_NOT_SUSPENDED -> ProblemCode.KEY_NOT_SUSPENDED;
      case ROTATION_IN_PROGRESS -> ProblemCode.ROTATION_IN_PROGRESS;
      case RENEWAL_WINDOW_CLOSED -> ProblemCode.RENEWAL_WINDOW_CLOSED;
      case EXPIRY_WOULD_SHORTEN -> ProblemCode.EXPIRY_WOULD_SHORTEN;
      case HISTORY_FULL -> ProblemCode.HISTORY_FULL;
      case QUOTA_EXCEEDED -> ProblemCode.QUOTA_EXCEEDED;
      case WORKSPACE_EXISTS -> ProblemCode.WORKSPACE_EXISTS;
      case DIGEST_ALREADY_KNOWN -> ProblemCode.DIGEST_ALREADY_KNOWN;
      case CONFLICT -> ProblemCode.CONFLICT;
    };
  }

  private Optional<ResponseEntity<?>> replay(RepeatableRequest request, Runnable requireTarget) {
    Optional<AnswerRecords.Kept> found = records.find(request.names());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    AnswerRecords.Kept kept = found.get();
    if (!request.isAnsweredBy(kept)) {
      requireTarget.run();
      throw reused();
    }
    return Optional.of(
        switch (request.open(kept)) {
          case StoredAnswer.OfKey key ->
              replayed(key, IdempotentAnswers::resource, kept.position());
          case StoredAnswer.OfSelf self -> replayed(self.key(), resourceOf(self), kept.position());
          case StoredAnswer.OfDescent descent ->
              answer(descent, keyAt(descent.keyId(), kept.position()), kept.position(), true);
          case StoredAnswer.OfBatch batch -> answer(batch, kept.position(), true);
          case StoredAnswer.OfWorkspace workspace -> replayed(workspace, kept.position());
          case StoredAnswer.OfWebhook webhook -> replayed(webhook, kept.position());
        });
  }

  private KeyView keyAt(KeyId keyId, long position) {
    KeyView now = log.key(keyId).orElseThrow(IdempotentAnswers::lacking);
    return log.keyAt(keyId, now.workspace(), position).orElseThrow(IdempotentAnswers::lacking);
  }

  private ResponseEntity<?> replayed(StoredAnswer.OfKey kept, Resource resource, long position) {
    KeyView now = log.key(kept.keyId()).orElseThrow(IdempotentAnswers::lacking);
    KeyView then =
        log.keyAt(kept.keyId(), now.workspace(), position).orElseThrow(IdempotentAnswers::lacking);
    boolean alive = isAlive(then.facts().secrets().generation(), now);
    return answer(kept, then, resource, alive, true);
  }

  private static IllegalStateException lacking() {
    return new IllegalStateException("an answer was kept of something that the log lacks");
  }

  private ResponseEntity<?> replayed(StoredAnswer.OfWorkspace kept, long position) {
    return answer(kept, workspaceAt(kept.workspace(), position), true);
  }

  private WorkspaceView workspaceAt(String workspace, long position) {
    WorkspaceView then =
        WorkspaceView.fold(
            workspace,
            log.readStream(StreamId.ofWorkspace(workspace)).stream()
                .filter(event -> event.position() <= position)
                .toList());
    if (then == null) {
      throw lacking();
    }
    return then;
  }

  private ResponseEntity<?> replayed(StoredAnswer.OfWebhook kept, long position) {
    WorkspaceView now = workspaceAt(kept.workspace(), Long.MAX_VALUE);
    WebhookView webhook = now.webhooks().get(kept.webhookId());
    return answer(
        kept,
        workspaceAt(kept.workspace(), position),
        webhook != null && signsWith(kept.secretId(), webhook),
        true);
  }

  private boolean signsWith(@Nullable String secretId, WebhookView webhook) {
    boolean overlapping = webhook.overlapEndsAfter(clock.instant()) != null;
    return secretId != null
        && (secretId.equals(webhook.secret())
            || (overlapping && secretId.equals(webhook.previousSecret())));
  }

  /** Returns whether the secret of that generation may still be valid. */
  private boolean isAlive(int generation, KeyView now) {
    Secrets secrets = now.facts().secrets();
    boolean overlapping =
        secrets.generation() == generation + 1 && secrets.previousAliveAt(clock.instant()) != null;
    return !(now.state().at(clock.instant()) instanceof KeyState.Revoked)
        && (secrets.generation() == generation || overlapping);
  }

  /** Shows a key to the recipient of the answer. */
  private interface Resource {
    Object of(KeyView key, Instant at, @Nullable KeySecret secret);
  }

  private ResponseEntity<?> answer(
      StoredAnswer.OfKey kept,
      KeyView key,
      Resource resource,
      boolean withSecret,
      boolean replayed) {
    boolean created = kept.status() == HttpStatus.CREATED.value();
    ResponseEntity.BodyBuilder answer =
        created
            ? ResponseEntity.created(URI.create("/v1/keys/" + key.keyId()))
            : ResponseEntity.status(kept.status());
    answers.to(key, answer);
    if (created || kept.secret() != null) {
      answer.cacheControl(CacheControl.noStore());
    }
    // As bytes, whose number the container knows: one packet instead of two.
    return marked(answer, replayed)
        .contentType(MediaType.APPLICATION_JSON)
        .body(
            StrictJson.MAPPER.writeValueAsBytes(
                resource.of(key, kept.at(), withSecret ? kept.secret() : null)));
  }

  private ResponseEntity<?> answer(
      StoredAnswer.OfWorkspace kept, WorkspaceView workspace, boolean replayed) {
    ResponseEntity.BodyBuilder answer =
        kept.status() == HttpStatus.CREATED.value()
            ? ResponseEntity.created(URI.create("/v1/workspaces/" + workspace.workspace()))
            : ResponseEntity.status(kept.status());
    return marked(answers.at(workspace.position(), answer), replayed)
        .eTag("\"" + workspace.version() + "\"")
        .body(WorkspaceResource.of(workspace));
  }

  private ResponseEntity<?> answer(
      StoredAnswer.OfWebhook kept, WorkspaceView workspace, boolean withSecret, boolean replayed) {
    boolean created = kept.status() == HttpStatus.CREATED.value();
    ResponseEntity.BodyBuilder answer =
        created
            ? ResponseEntity.created(URI.create("/v1/webhooks/" + kept.webhookId()))
            : ResponseEntity.status(kept.status());
    marked(answers.at(workspace.position(), answer), replayed);
    WebhookView webhook = workspace.webhooks().get(kept.webhookId());
    if (webhook == null) {
      return answer.build();
    }
    KeySecret secret = kept.secret();
    if (created || secret != null) {
      answer.cacheControl(CacheControl.noStore());
    }
    WebhookResource resource =
        WebhookResource.of(webhook, kept.target(), kept.publicKey(), kept.at());
    return answer.body(
        secret == null || !withSecret
            ? resource
            : new WebhookResource.WithSecret(resource, secret.revealToItsCaller()));
  }

  private ResponseEntity<?> answer(
      StoredAnswer.OfDescent kept, KeyView key, long position, boolean replayed) {
    var body =
        new Descent(
            KeyResource.of(key, kept.at()),
            kept.revoked().stream().map(KeyId::value).toList(),
            kept.more() ? true : null);
    return marked(answers.at(position, ResponseEntity.ok()), replayed)
        .eTag("\"" + key.facts().version() + "\"")
        .contentType(MediaType.APPLICATION_JSON)
        .body(StrictJson.MAPPER.writeValueAsBytes(body));
  }

  /**
   * A revoked key and its descendants, revoked with it.
   *
   * @param more true if descendants remain for another request; null if none remains
   */
  @JsonPropertyOrder({"key", "revoked", "more"})
  private record Descent(
      @JsonUnwrapped KeyResource key, List<String> revoked, @Nullable Boolean more) {}

  private ResponseEntity<?> answer(StoredAnswer.OfBatch kept, long position, boolean replayed) {
    return marked(answers.at(position, ResponseEntity.ok()), replayed)
        .contentType(MediaType.APPLICATION_JSON)
        .body(kept.json().getBytes(StandardCharsets.UTF_8));
  }

  private static ResponseEntity.BodyBuilder marked(
      ResponseEntity.BodyBuilder answer, boolean replayed) {
    return replayed ? answer.header(REPLAYED_HEADER, "true") : answer;
  }

  private static Object resource(KeyView key, Instant at, @Nullable KeySecret secret) {
    KeyResource resource = KeyResource.of(key, at);
    return secret == null
        ? resource
        : new KeyResource.WithSecret(resource, secret.revealToItsCaller());
  }

  private static Resource resourceOf(StoredAnswer.OfSelf self) {
    return (key, at, secret) -> {
      SelfResource resource = SelfResource.of(key, at, Holder.may(key, self.allowed(), at));
      return secret == null
          ? resource
          : new SelfResource.WithSecret(resource, secret.revealToItsCaller());
    };
  }

  private static ProblemException stillRunning() {
    return new ProblemException(
        ProblemCode.IDEMPOTENCY_IN_FLIGHT, "The first of these requests has no answer yet.");
  }

  private static ProblemException reused() {
    return new ProblemException(
        ProblemCode.IDEMPOTENCY_KEY_REUSED,
        "The same Idempotency-Key came with another method, path, body or If-Match.");
  }
}
