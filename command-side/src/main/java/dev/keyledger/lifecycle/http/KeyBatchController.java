package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.good;

import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.http.ApiCall;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.lifecycle.Circumstances;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.batch.KeyBatches;
import dev.keyledger.lifecycle.idempotency.KeptAnswer;
import dev.keyledger.log.AppendConflictException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
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
@RequestMapping(path = "/v1", produces = MediaType.APPLICATION_JSON_VALUE)
class KeyBatchController {
  /** The most bytes of a body that imports keys. */
  static final int IMPORT_BYTES_MAX = 1024 * 1024;

  private final KeyBatches batches;
  private final SecretMint mint;
  private final WorkspaceTerms terms;
  private final IdempotentAnswers answers;
  private final AppliedWait appliedWait;

  KeyBatchController(
      KeyBatches batches,
      SecretMint mint,
      WorkspaceTerms terms,
      IdempotentAnswers answers,
      AppliedWait appliedWait) {
    this.batches = batches;
    this.mint = mint;
    this.terms = terms;
    this.answers = answers;
    this.appliedWait = appliedWait;
  }

  /** What became of an entry: one of the two. */
  record Result(@Nullable String keyId, @Nullable Problem problem) {}

  /** What the answer to an import says. */
  record Results(List<Result> results) {}

  @PostMapping("/keys/import")
  ResponseEntity<?> takeIn(ApiCall call) {
    var body = call.allowQuery().command(Bodies.Import.class, IMPORT_BYTES_MAX);
    Caller caller = terms.authorize(call, "keys:import");
    return answers.once(
        call,
        caller,
        () -> {},
        keeping -> terms.carryOut(() -> takeIn(body, call, caller, keeping)));
  }

  private ResponseEntity<?> takeIn(
      Bodies.Import body, ApiCall call, Caller caller, IdempotentAnswers.Keeping keeping) {
    var fields = new Fields();
    List<Bodies.Issue> keys = fields.required("keys", body.keys(), KeyBatchController::counted);
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireAllGood();
    Circumstances circumstances = terms.circumstances(caller, null);
    var entries = new ArrayList<KeyBatches.Entry>();
    var malformed = new ArrayList<@Nullable ProblemException>();
    for (Bodies.Issue key : good(keys)) {
      try {
        entries.add(entry(key, circumstances, caller, call, reason));
        malformed.add(null);
      } catch (ProblemException problem) {
        malformed.add(problem);
      }
    }
    var done =
        unlessConflicting(() ->
            batches.takeIn(
                caller.workspace(),
                entries,
                outcomes -> keeping.keep(told(results(malformed, entries, outcomes, call)))));
    return answers.answer(told(results(malformed, entries, done.told(), call)), done.position());
  }

  private static List<Bodies.Issue> counted(List<Bodies.Issue> keys) {
    if (keys.isEmpty() || keys.size() > KeyBatches.KEYS_MAX) {
      throw new IllegalArgumentException("must have 1 to " + KeyBatches.KEYS_MAX + " entries");
    }
    return keys;
  }

  private KeyBatches.Entry entry(
      Bodies.Issue body,
      Circumstances circumstances,
      Caller caller,
      ApiCall call,
      @Nullable String reasonOfAll) {
    var fields = new Fields();
    KeySpecification key = body.specification(fields);
    byte[] sha256 = fields.required("secretSha256", body.secretSha256(), Bodies::sha256Of);
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireAllGood();
    String workspace = caller.workspace();
    return new KeyBatches.Entry(
        new KeyCommand.ImportKey(
            mint.newKeyId(circumstances.now()),
            circumstances,
            good(key),
            mint.storedAs(workspace, good(sha256))),
        mint.allDigestsOf(workspace, good(sha256)),
        origin(caller, call, reason == null ? reasonOfAll : reason));
  }

  private static Results results(
      List<@Nullable ProblemException> malformed,
      List<KeyBatches.Entry> entries,
      List<Outcome> outcomes,
      ApiCall call) {
    Iterator<KeyBatches.Entry> entry = entries.iterator();
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
          new Result(null, Problem.of(KeyCommandController.problem(rejected), call.requestId()));
    };
  }

  /**
   * What the answer to a revocation of all keys of an owner says.
   *
   * @param remaining how many keys are left for the next call; null if none
   */
  record Revoked(List<String> revoked, @Nullable Integer remaining) {
    static Revoked of(KeyBatches.Revoked done) {
      return new Revoked(
          done.keyIds().stream().map(KeyId::value).toList(),
          done.remaining() == 0 ? null : done.remaining());
    }
  }

  @PostMapping("/owners/{type}/{id}/revoke-keys")
  ResponseEntity<?> revokeAll(@PathVariable String type, @PathVariable String id, ApiCall call) {
    var body = call.allowQuery(AppliedWait.PARAMETER).command(Bodies.Revoke.class);
    Duration wait = AppliedWait.askedFor(call);
    Caller caller = terms.authorize(call, "keys:revoke");
    Owner owner = owner(type, id);
    IdempotentAnswers.Work work =
        keeping -> {
          var fields = new Fields();
          RevocationReason why = body.why(fields);
          String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
          fields.requireAllGood();
          var done =
              terms.carryOut(() ->
                  unlessConflicting(() ->
                      batches.revokeAllOf(
                          owner,
                          why,
                          terms.circumstances(caller, null),
                          origin(caller, call, reason),
                          revoked -> keeping.keep(told(Revoked.of(revoked))))));
          return answers.answer(told(Revoked.of(done.told())), done.position());
        };
    return appliedWait.answer(wait, () -> answers.once(call, caller, () -> {}, work));
  }

  private static Owner owner(String type, String id) {
    try {
      return new Owner(Bodies.oneOf(OwnerType.class, type), id);
    } catch (IllegalArgumentException otherForm) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There can be no such owner.");
    }
  }

  private static <T> T unlessConflicting(Supplier<T> work) {
    try {
      return work.get();
    } catch (AppendConflictException conflict) {
      throw switch (conflict.kind()) {
        case SEQUENCE, DIGEST ->
            new ProblemException(
                ProblemCode.CONFLICT, "Others kept changing the same keys; try again.");
        case IDEMPOTENCY, WORKSPACE -> conflict;
      };
    }
  }

  private static KeptAnswer.OfBatch told(Object body) {
    return new KeptAnswer.OfBatch(StrictJson.MAPPER.writeValueAsString(body));
  }

  private static KeyLedger.Origin origin(Caller caller, ApiCall call, @Nullable String reason) {
    return new KeyLedger.Origin(caller.actor(), call.requestId(), call.context(reason));
  }
}
