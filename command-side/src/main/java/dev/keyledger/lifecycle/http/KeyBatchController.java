package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.validated;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.Validity;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.arrival.BodyLength;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.CommandSide;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.batch.KeyBatchCommand;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.Entry;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportDecision;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RenewKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RenewedKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokeOwnersKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedKeys;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The commands about many keys, over HTTP. */
@RestController
@CommandSide
@RequestMapping(path = "/v1", produces = MediaType.APPLICATION_JSON_VALUE)
class KeyBatchController {
  private static final Set<String> DOT_SEGMENTS = Set.of(".", "..");

  private final SecretMint mint;
  private final WorkspacePolicies policies;
  private final IdempotentAnswers answers;
  private final AppliedEverywhere appliedEverywhere;

  KeyBatchController(
      SecretMint mint,
      WorkspacePolicies policies,
      IdempotentAnswers answers,
      AppliedEverywhere appliedEverywhere) {
    this.mint = mint;
    this.policies = policies;
    this.answers = answers;
    this.appliedEverywhere = appliedEverywhere;
  }

  /** The outcome of an entry: exactly one of the two fields is set. */
  record Result(@Nullable String keyId, @Nullable Problem problem) {}

  /** The body of the response to an import. */
  record Results(List<Result> results) {}

  @PostMapping("/keys/import")
  @Needs("keys:import")
  ResponseEntity<?> importKeys(ApiCall call) {
    var body =
        call.allowQuery().refuseIfMatch().command(Bodies.Import.class, BodyLength.IMPORT_BYTES_MAX);
    Caller caller = policies.caller(call, body.keys() == null ? 0 : body.keys().size());
    return answers.execute(call, caller, () -> {}, () -> importKeys(body, call, caller));
  }

  private Order<ImportDecision> importKeys(Bodies.Import body, ApiCall call, Caller caller) {
    var fields = new Fields();
    List<Bodies.ImportEntry> keys =
        fields.required("keys", body.keys(), KeyBatchController::counted);
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireValid();
    CommandContext context = policies.context(caller, null);
    var entries = new ArrayList<Entry>();
    var malformed = new ArrayList<@Nullable ProblemException>();
    for (Bodies.ImportEntry key : validated(keys)) {
      try {
        entries.add(entry(key, context, caller, call, reason));
        malformed.add(null);
      } catch (ProblemException problem) {
        malformed.add(problem);
      }
    }
    return new Order<>(
        new ImportKeys(context, entries),
        KeyCommands.origin(caller, call, reason),
        decision -> answer(results(malformed, entries, decision.outcomes(), call)));
  }

  private static List<Bodies.ImportEntry> counted(List<Bodies.ImportEntry> keys) {
    if (keys.isEmpty() || keys.size() > KeyBatchCommand.KEYS_MAX) {
      throw new IllegalArgumentException("must have 1 to " + KeyBatchCommand.KEYS_MAX + " entries");
    }
    return keys;
  }

  private Entry entry(
      Bodies.ImportEntry body,
      CommandContext context,
      Caller caller,
      ApiCall call,
      @Nullable String reasonOfAll) {
    var fields = new Fields();
    KeySpecification key = body.asIssued().specification(fields);
    byte[] sha256 = fields.required("secretSha256", body.secretSha256(), Bodies::sha256Of);
    String hint = body.hint(fields, sha256);
    KeyCommand.ImportKey.Past past = body.past(fields, context.now());
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireValid();
    String workspace = caller.workspace();
    return new Entry(
        new KeyCommand.ImportKey(
            mint.newKeyId(context.now()),
            context,
            validated(key),
            mint.storedAs(workspace, validated(sha256), hint),
            past),
        mint.allDigestsOf(workspace, validated(sha256)),
        KeyCommands.origin(caller, call, reason == null ? reasonOfAll : reason));
  }

  private static Results results(
      List<@Nullable ProblemException> malformed,
      List<Entry> entries,
      List<Outcome> outcomes,
      ApiCall call) {
    Iterator<Entry> entry = entries.iterator();
    Iterator<Outcome> outcome = outcomes.iterator();
    var results = new ArrayList<Result>();
    for (ProblemException problem : malformed) {
      results.add(
          problem == null
              ? result(entry.next().command().keyId(), outcome.next(), call)
              : new Result(null, Problem.of(problem, call.requestId())));
    }
    return new Results(results);
  }

  private static Result result(KeyId keyId, Outcome outcome, ApiCall call) {
    return switch (outcome) {
      case Outcome.Accepted _ -> new Result(keyId.value(), null);
      case Outcome.Rejected rejected ->
          new Result(null, Problem.of(IdempotentAnswers.problem(rejected), call.requestId()));
    };
  }

  /**
   * The outcome of a renewal: the new expiry of the key, real or hypothetical, or the problem.
   *
   * @param expiresAt absent if the key does not expire
   */
  @JsonPropertyOrder({"keyId", "expiresAt", "renewableUntil", "problem"})
  record Renewal(
      String keyId,
      @Nullable Instant expiresAt,
      @Nullable Instant renewableUntil,
      @Nullable Problem problem) {}

  /** The body of the response to a renewal of many keys. */
  record Renewals(List<Renewal> results) {}

  @PostMapping("/keys/renew-batch")
  @Needs("keys:renew")
  ResponseEntity<?> renewKeys(ApiCall call) {
    var body = call.allowQuery().refuseIfMatch().command(Bodies.RenewBatch.class);
    Caller caller = policies.caller(call, body.keyIds() == null ? 0 : body.keyIds().size());
    return answers.execute(call, caller, () -> {}, () -> renewKeys(body, call, caller));
  }

  private Order<RenewedKeys> renewKeys(Bodies.RenewBatch body, ApiCall call, Caller caller) {
    var fields = new Fields();
    List<String> keyIds = fields.required("keyIds", body.keyIds(), KeyBatchController::distinct);
    RequestedExpiry expiry = Bodies.expiryOf(fields, body.expiresAt(), body.lifetime());
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireValid();
    var batch =
        new RenewKeys(
            policies.context(caller, null),
            validated(keyIds).stream()
                .map(KeyBatchController::wellFormed)
                .flatMap(Optional::stream)
                .toList(),
            expiry,
            Boolean.TRUE.equals(body.allowShorter()),
            Boolean.TRUE.equals(body.dryRun()));
    return new Order<>(
        batch,
        KeyCommands.origin(caller, call, reason),
        decision ->
            answer(
                new Renewals(
                    validated(keyIds).stream()
                        .map(keyId -> renewal(keyId, decision, call))
                        .toList())));
  }

  private static List<String> distinct(List<String> keyIds) {
    if (keyIds.isEmpty() || keyIds.size() > KeyBatchCommand.KEYS_MAX) {
      throw new IllegalArgumentException("must have 1 to " + KeyBatchCommand.KEYS_MAX + " entries");
    }
    if (Set.copyOf(keyIds).size() < keyIds.size()) {
      throw new IllegalArgumentException("must name no key twice");
    }
    return keyIds;
  }

  private static Optional<KeyId> wellFormed(String keyId) {
    try {
      return Optional.of(new KeyId(keyId));
    } catch (IllegalArgumentException otherForm) {
      return Optional.empty();
    }
  }

  private static Renewal renewal(String keyId, RenewedKeys decision, ApiCall call) {
    Optional<RenewedKeys.Renewal> renewal =
        wellFormed(keyId).map(KeyId::value).map(decision.byId()::get);
    return renewal.isEmpty()
        ? new Renewal(keyId, null, null, Problem.of(KeyResource.notFound(), call.requestId()))
        : switch (renewal.get()) {
          case RenewedKeys.Renewed(Validity after) ->
              new Renewal(keyId, after.expiresAt(), after.renewableUntil(), null);
          case RenewedKeys.Refused(Outcome.Rejected rejected) ->
              new Renewal(
                  keyId,
                  null,
                  null,
                  Problem.of(IdempotentAnswers.problem(rejected), call.requestId()));
        };
  }

  /**
   * The answer to a revocation of all keys of an owner.
   *
   * @param more true if keys remain for another request; null if none remains
   */
  record Revoked(List<String> revoked, @Nullable Boolean more) {
    static Revoked of(RevokedKeys done) {
      return new Revoked(
          done.keyIds().stream().map(KeyId::value).toList(), done.more() ? true : null);
    }
  }

  @PostMapping("/owners/{type}/{id}/revoke-keys")
  @Needs("keys:revoke")
  ResponseEntity<?> revokeAll(@PathVariable String type, @PathVariable String id, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER).refuseIfMatch().command(Bodies.Revoke.class);
    return revokeAll(body, call, () -> owner(type, id), _ -> owner(type, id));
  }

  /** Revokes the keys of an owner whose id a path cannot hold, or a proxy would change. */
  @PostMapping("/owners/revoke-keys")
  @Needs("keys:revoke")
  ResponseEntity<?> revokeAll(ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER)
            .refuseIfMatch()
            .command(Bodies.RevokeOwner.class);
    return revokeAll(
        body.revoke(), call, () -> {}, fields -> Bodies.OwnerBody.read(fields, body.owner()));
  }

  private ResponseEntity<?> revokeAll(
      Bodies.Revoke body,
      ApiCall call,
      Runnable requireTarget,
      Function<Fields, @Nullable Owner> owner) {
    Duration wait = call.appliedWait();
    // The number of the owner's keys is unknown before they are read.
    Caller caller = policies.caller(call, KeyBatchCommand.KEYS_MAX);
    Supplier<Order<RevokedKeys>> orders =
        () -> {
          var fields = new Fields();
          Owner named = owner.apply(fields);
          RevocationReason why = body.why(fields);
          String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
          fields.requireValid();
          return new Order<>(
              new RevokeOwnersKeys(validated(named), why, policies.context(caller, null)),
              KeyCommands.origin(caller, call, reason),
              decision -> answer(Revoked.of(decision)));
        };
    return appliedEverywhere.answer(
        wait, caller.workspace(), () -> answers.execute(call, caller, requireTarget, orders));
  }

  /**
   * Returns the owner in a path. Refuses dot segments, because a proxy may have resolved one
   * before.
   */
  private static Owner owner(String type, String id) {
    if (DOT_SEGMENTS.contains(id)) {
      throw noSuchOwner();
    }
    try {
      return new Owner(Bodies.oneOf(OwnerType.class, type), id);
    } catch (IllegalArgumentException otherForm) {
      throw noSuchOwner();
    }
  }

  private static ProblemException noSuchOwner() {
    return new ProblemException(ProblemCode.NOT_FOUND, "There can be no such owner.");
  }

  private static StoredAnswer answer(Object body) {
    return new StoredAnswer.OfBatch(StrictJson.MAPPER.writeValueAsString(body));
  }
}
