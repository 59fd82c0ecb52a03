package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.good;

import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.http.ApiCall;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.lifecycle.Circumstances;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.idempotency.KeptAnswer;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LogReader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The commands of a key's life, over HTTP. */
@RestController
@RequestMapping(path = "/v1/keys", produces = MediaType.APPLICATION_JSON_VALUE)
class KeyCommandController {
  private final KeyLedger ledger;
  private final SecretMint mint;
  private final WorkspaceTerms terms;
  private final LogReader log;
  private final KeySideRows sideRows;
  private final IdempotentAnswers answers;
  private final AppliedWait appliedWait;
  private final InstantSource clock;

  KeyCommandController(
      KeyLedger ledger,
      SecretMint mint,
      WorkspaceTerms terms,
      LogReader log,
      KeySideRows sideRows,
      IdempotentAnswers answers,
      AppliedWait appliedWait,
      InstantSource clock) {
    this.ledger = ledger;
    this.mint = mint;
    this.terms = terms;
    this.log = log;
    this.sideRows = sideRows;
    this.answers = answers;
    this.appliedWait = appliedWait;
    this.clock = clock;
  }

  @PostMapping
  ResponseEntity<?> issue(ApiCall call) {
    var body = call.allowQuery().command(Bodies.Issue.class);
    Caller caller = terms.authorize(call, "keys:issue");
    return answers.once(
        call,
        caller,
        () -> {},
        keeping -> terms.carryOut(() -> issue(body, caller, call, keeping)));
  }

  private ResponseEntity<?> issue(
      Bodies.Issue body, Caller caller, ApiCall call, IdempotentAnswers.Keeping keeping) {
    var fields = new Fields();
    KeySpecification key = body.specification(fields);
    byte[] callersSha256 = fields.optional("secretSha256", body.secretSha256(), Bodies::sha256Of);
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireAllGood();
    KeySpecification wanted = good(key);
    SecretMint.Minted minted = callersSha256 == null ? mint.mint(wanted.environment()) : null;
    StoredSecret stored =
        minted == null ? mint.storedAs(caller.workspace(), good(callersSha256)) : minted.stored();
    var command =
        new KeyCommand.IssueKey(
            mint.newKeyId(clock.instant()), terms.circumstances(caller, null), wanted, stored);
    if (callersSha256 != null) {
      refuseKnown(command, callersSha256);
    }
    KeptAnswer.OfKey answer = answerTo(command, HttpStatus.CREATED, minted);
    return answers.answer(answer, carryOut(command, caller, call, reason, keeping.keep(answer)));
  }

  /** Refuses a secret that is known under any pepper; whatever else is wrong is told first. */
  private void refuseKnown(KeyCommand.IssueKey command, byte[] sha256) {
    String workspace = command.circumstances().workspace();
    if (!sideRows.known(workspace, mint.allDigestsOf(workspace, sha256)).isEmpty()) {
      switch (KeyDecider.decide(new KeyState.NotIssued(), command)) {
        case Outcome.Rejected rejected -> throw problem(rejected);
        case Outcome.Accepted _ -> throw problem(Outcome.Rejected.DIGEST_ALREADY_KNOWN);
      }
    }
  }

  @PostMapping("/{keyId}/renew")
  ResponseEntity<?> renew(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.Renew.class);
    return change(
        new Target("keys:renew", keyId, body.reason()),
        call,
        (id, circumstances, fields) ->
            new KeyCommand.RenewKey(
                id,
                circumstances,
                Bodies.expiryOf(fields, body.expiresAt(), body.lifetime()),
                Boolean.TRUE.equals(body.allowShorter())));
  }

  @PostMapping("/{keyId}/rotate")
  ResponseEntity<?> rotate(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedWait.PARAMETER).command(Bodies.Rotate.class);
    var minted = new AtomicReference<SecretMint.Minted>();
    return change(
        new Target("keys:rotate", keyId, body.reason()),
        call,
        (id, circumstances, _) -> {
          // The secret's prefix names the key's environment, which never changes.
          KeyView key = existing(id, circumstances);
          minted.set(mint.mint(key.facts().environment()));
          return new KeyCommand.RotateKey(
              id,
              circumstances,
              good(minted.get()).stored(),
              body.overlap(),
              Boolean.TRUE.equals(body.closeOverlap()));
        },
        minted);
  }

  @PostMapping("/{keyId}/retire-secret")
  ResponseEntity<?> retireSecret(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.ReasonOnly.class);
    return change(
        new Target("keys:rotate", keyId, body.reason()),
        call,
        (id, circumstances, _) -> new KeyCommand.RetireSecret(id, circumstances));
  }

  @PostMapping("/{keyId}/suspend")
  ResponseEntity<?> suspend(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedWait.PARAMETER).command(Bodies.ReasonOnly.class);
    return change(
        new Target("keys:suspend", keyId, body.reason()),
        call,
        (id, circumstances, _) -> new KeyCommand.SuspendKey(id, circumstances));
  }

  @PostMapping("/{keyId}/resume")
  ResponseEntity<?> resume(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.ReasonOnly.class);
    return change(
        new Target("keys:suspend", keyId, body.reason()),
        call,
        (id, circumstances, _) -> new KeyCommand.ResumeKey(id, circumstances));
  }

  @PostMapping("/{keyId}/revoke")
  ResponseEntity<?> revoke(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedWait.PARAMETER).command(Bodies.Revoke.class);
    return change(
        new Target("keys:revoke", keyId, body.reason()),
        call,
        (id, circumstances, fields) ->
            new KeyCommand.RevokeKey(id, circumstances, body.why(fields)));
  }

  @PutMapping("/{keyId}/permissions")
  ResponseEntity<?> changePermissions(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedWait.PARAMETER).command(Bodies.Permissions.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, circumstances, fields) ->
            new KeyCommand.ChangePermissions(
                id,
                circumstances,
                fields.demand("permissions", body.permissions(), Bodies::permissionsOf)));
  }

  @PutMapping("/{keyId}/restrictions")
  ResponseEntity<?> restrict(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedWait.PARAMETER).command(Bodies.Restrictions.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, circumstances, fields) ->
            new KeyCommand.RestrictKey(
                id,
                circumstances,
                fields.demand("ipAllowList", body.ipAllowList(), Bodies::ipAllowListOf)));
  }

  @PatchMapping("/{keyId}")
  ResponseEntity<?> describe(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.Describe.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, circumstances, fields) ->
            new KeyCommand.DescribeKey(
                id,
                circumstances,
                fields.optional("name", body.name(), KeyName::new),
                fields.optional("metadata", body.metadata(), Metadata::new)));
  }

  @PostMapping("/{keyId}/transfer")
  ResponseEntity<?> transfer(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.Transfer.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, circumstances, fields) -> {
          Owner owner = Bodies.OwnerBody.read(fields, body.owner());
          fields.requireAllGood();
          return new KeyCommand.TransferKey(id, circumstances, good(owner));
        });
  }

  /**
   * What a request aims at.
   *
   * @param needs the permission, without the prefix {@code keyledger:}
   * @param keyId as the path has it
   * @param reason as the body has it
   */
  private record Target(String needs, String keyId, @Nullable String reason) {}

  /** Reads a body's fields into a command; what is wrong with them is noted. */
  private interface Order {
    KeyCommand read(KeyId keyId, Circumstances circumstances, Fields fields);
  }

  private ResponseEntity<?> change(Target target, ApiCall call, Order order) {
    return change(target, call, order, new AtomicReference<>());
  }

  /**
   * @param minted where the order leaves a secret that it made
   */
  private ResponseEntity<?> change(
      Target target, ApiCall call, Order order, AtomicReference<SecretMint.Minted> minted) {
    Set<Long> expectedVersions = call.ifMatch();
    Duration wait = AppliedWait.askedFor(call);
    Caller caller = terms.authorize(call, target.needs());
    KeyId keyId = ApiCall.keyId(target.keyId());
    IdempotentAnswers.Work work =
        keeping ->
            terms.carryOut(() -> {
              Circumstances circumstances = terms.circumstances(caller, expectedVersions);
              String reason;
              KeyCommand command;
              var fields = new Fields();
              try {
                reason = fields.optional("reason", target.reason(), Bodies::reasonOf);
                command = order.read(keyId, circumstances, fields);
                fields.requireAllGood();
              } catch (ProblemException problem) {
                if (problem.code() == ProblemCode.INVALID_FIELD) {
                  existing(keyId, circumstances); // a missing key or another version is told first
                }
                throw problem;
              }
              KeptAnswer.OfKey answer = answerTo(command, HttpStatus.OK, minted.get());
              return answers.answer(
                  answer, carryOut(command, caller, call, reason, keeping.keep(answer)));
            });
    return appliedWait.answer(
        wait,
        () ->
            answers.once(
                call, caller, () -> existing(keyId, terms.circumstances(caller, null)), work));
  }

  private static KeptAnswer.OfKey answerTo(
      KeyCommand command, HttpStatus status, SecretMint.@Nullable Minted minted) {
    return new KeptAnswer.OfKey(
        status.value(),
        command.keyId(),
        command.circumstances().now(),
        minted == null ? null : minted.secret());
  }

  private KeyView carryOut(
      KeyCommand command,
      Caller caller,
      ApiCall call,
      @Nullable String reason,
      List<AnswerRecord> kept) {
    var origin = new KeyLedger.Origin(caller.actor(), call.requestId(), call.context(reason));
    try {
      return switch (ledger.carryOut(command, origin, kept)) {
        case KeyLedger.Done done -> done.key();
        case KeyLedger.Refused refused -> throw problem(refused.rejected());
      };
    } catch (AppendConflictException conflict) {
      throw switch (conflict.kind()) {
        case DIGEST -> problem(Outcome.Rejected.DIGEST_ALREADY_KNOWN);
        case SEQUENCE ->
            new ProblemException(
                ProblemCode.CONFLICT, "Others kept changing the key; read it and try again.");
        case IDEMPOTENCY, WORKSPACE -> conflict;
      };
    }
  }

  static ProblemException problem(Outcome.Rejected rejected) {
    return new ProblemException(ProblemCode.valueOf(rejected.reason().name()), rejected.detail());
  }

  /** The key as the log has it now, of an expected version. */
  private KeyView existing(KeyId keyId, Circumstances circumstances) {
    KeyView key = KeyView.fold(log.readStream(StreamId.of(keyId)));
    if (key == null || !key.workspace().equals(circumstances.workspace())) {
      throw ApiCall.noSuchKey();
    }
    Set<Long> expected = circumstances.expectedVersions();
    if (expected != null && !expected.contains(key.facts().version())) {
      throw problem(Outcome.Rejected.VERSION_MISMATCH);
    }
    return key;
  }
}
