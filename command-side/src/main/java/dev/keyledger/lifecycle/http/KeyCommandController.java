package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.validated;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.freshness.ProofReceipts;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.CommandSide;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.batch.KeyBatchCommand;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokeDescent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedDescent;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.lifecycle.workspace.PolicyLimits;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.KeySideRows;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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
@CommandSide
@RequestMapping(path = "/v1/keys", produces = MediaType.APPLICATION_JSON_VALUE)
class KeyCommandController {
  /** The query parameter of a revocation that includes the key's descendants. */
  private static final String CASCADE = "cascade";

  private final SecretMint mint;
  private final WorkspacePolicies policies;
  private final KeySideRows sideRows;
  private final IdempotentAnswers answers;
  private final KeyCommands keys;

  KeyCommandController(
      SecretMint mint,
      WorkspacePolicies policies,
      KeySideRows sideRows,
      IdempotentAnswers answers,
      KeyCommands keys) {
    this.mint = mint;
    this.policies = policies;
    this.sideRows = sideRows;
    this.answers = answers;
    this.keys = keys;
  }

  @PostMapping
  @Needs("keys:issue")
  ResponseEntity<?> issue(ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).refuseIfMatch().command(Bodies.Issue.class);
    Caller caller = policies.caller(call);
    return answers.execute(call, caller, () -> {}, () -> issue(body, caller, call));
  }

  private Order<KeyDecision> issue(Bodies.Issue body, Caller caller, ApiCall call) {
    var fields = new Fields();
    KeySpecification key = body.specification(fields);
    byte[] callersSha256 = fields.optional("secretSha256", body.secretSha256(), Bodies::sha256Of);
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireValid();
    KeySpecification wanted = validated(key);
    SecretMint.Minted minted = callersSha256 == null ? mint.mint(wanted.environment()) : null;
    StoredSecret stored =
        minted == null
            ? mint.storedAs(caller.workspace(), validated(callersSha256), null)
            : minted.stored();
    CommandContext context = policies.context(caller, null);
    var command = new KeyCommand.IssueKey(mint.newKeyId(context.now()), context, wanted, stored);
    if (callersSha256 != null) {
      refuseKnown(command, callersSha256);
    }
    return KeyCommands.order(
        command, KeyCommands.origin(caller, call, reason), HttpStatus.CREATED, minted);
  }

  /** Rejects a secret that is known under any pepper, after all other validation. */
  private void refuseKnown(KeyCommand.IssueKey command, byte[] sha256) {
    String workspace = command.context().workspace();
    if (!sideRows.known(workspace, mint.allDigestsOf(workspace, sha256)).isEmpty()) {
      switch (KeyDecider.decide(new KeyState.NotIssued(), command)) {
        case Outcome.Rejected rejected -> throw IdempotentAnswers.problem(rejected);
        case Outcome.Accepted _ ->
            throw IdempotentAnswers.problem(Outcome.Rejected.DIGEST_ALREADY_KNOWN);
      }
    }
  }

  @PostMapping("/{keyId}/renew")
  @Needs(value = "keys:renew", ofItself = "self:renew")
  ResponseEntity<?> renew(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.Renew.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) ->
            new KeyCommand.RenewKey(
                id,
                context,
                Bodies.expiryOf(fields, body.expiresAt(), body.lifetime()),
                Boolean.TRUE.equals(body.allowShorter())));
  }

  @PostMapping("/{keyId}/rotate")
  @Needs(value = "keys:rotate", ofItself = "self:rotate")
  ResponseEntity<?> rotate(@PathVariable String keyId, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER)
            .command(Bodies.Rotate.class);
    if (isItself(call, keyId) && (body.expiresAt() != null || body.lifetime() != null)) {
      var _ = call.authorizeOrSelf("keys:renew", keyId, "self:renew");
    }
    var minted = new AtomicReference<SecretMint.Minted>();
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) -> {
          // The secret's prefix names the key's environment, which never keys.
          KeyView key = keys.existing(id, context.workspace(), context.expectedVersions());
          minted.set(mint.mint(key.facts().environment()));
          return new KeyCommand.RotateKey(
              id,
              context,
              validated(minted.get()).stored(),
              fields.optional("overlap", body.overlap(), PolicyLimits::overlap),
              Boolean.TRUE.equals(body.closeOverlap()),
              body.expiry(fields),
              Bodies.isFromFirstUse(fields, body.overlapFrom()),
              keys.usesToRotate(key));
        },
        minted);
  }

  /**
   * Returns whether the caller is the key that the path names, by its {@code keyledger:self:}
   * permission.
   */
  private static boolean isItself(ApiCall call, String keyId) {
    Caller caller = call.identified();
    return keyId.equals(caller.actor().id()) && caller.ceiling().equals(Ceiling.NONE);
  }

  @PostMapping("/{keyId}/retire-secret")
  @Needs("keys:rotate")
  ResponseEntity<?> retireSecret(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.ReasonOnly.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, _) -> new KeyCommand.RetireSecret(id, context));
  }

  @PostMapping("/{keyId}/suspend")
  @Needs("keys:suspend")
  ResponseEntity<?> suspend(@PathVariable String keyId, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER)
            .command(Bodies.Suspend.class);
    Instant effectiveAt = body.effectiveAt();
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) ->
            effectiveAt == null
                ? new KeyCommand.SuspendKey(id, context)
                : new KeyCommand.PlanSuspension(id, context, future(fields, effectiveAt, context)));
  }

  @PostMapping("/{keyId}/resume")
  @Needs("keys:suspend")
  ResponseEntity<?> resume(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.ReasonOnly.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, _) -> new KeyCommand.ResumeKey(id, context));
  }

  @PostMapping("/{keyId}/cancel-plan")
  @Needs(value = "keys:revoke", or = "keys:suspend")
  ResponseEntity<?> cancelPlan(@PathVariable String keyId, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER)
            .command(Bodies.ReasonOnly.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, _) -> new KeyCommand.CancelPlan(id, context));
  }

  @PostMapping("/{keyId}/revoke")
  @Needs("keys:revoke")
  ResponseEntity<?> revoke(@PathVariable String keyId, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER, CASCADE)
            .command(Bodies.RevokeKey.class);
    boolean cascade = Boolean.TRUE.equals(call.query(CASCADE, KeyCommandController::flag));
    if (cascade && call.proofWait() != null) {
      throw ProblemException.unreadable(
          ProofReceipts.PARAMETER, "is for commands on one key, not for cascade=true");
    }
    int affected = cascade ? KeyBatchCommand.KEYS_MAX : 1;
    var target = new KeyCommands.Target(keyId, body.reason(), affected);
    Instant effectiveAt = body.effectiveAt();
    if (effectiveAt != null && !cascade) {
      return keys.execute(
          target,
          call,
          (id, context, fields) ->
              new KeyCommand.PlanRevocation(
                  id, context, future(fields, effectiveAt, context), body.why(fields)));
    }
    KeyCommands.Reader<KeyCommand.RevokeKey> reader =
        (id, context, fields) -> {
          if (effectiveAt != null) {
            fields.wrong("effectiveAt", "must not be given together with cascade=true");
          }
          return new KeyCommand.RevokeKey(id, context, body.why(fields));
        };
    return cascade
        ? keys.execute(target, call, reader, KeyCommandController::descentOrder)
        : keys.execute(target, call, reader);
  }

  /** Returns a time to come, in the precision of the log and the directory. */
  private static Instant future(Fields fields, Instant effectiveAt, CommandContext context) {
    return fields.demand(
        "effectiveAt",
        effectiveAt.truncatedTo(ChronoUnit.MICROS),
        time -> {
          if (!time.isAfter(context.now())) {
            throw new IllegalArgumentException("must be in the future");
          }
          return time;
        });
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static Order<RevokedDescent> descentOrder(
      KeyCommand.RevokeKey command, CommandOrigin origin) {
    return new Order<>(
        new RevokeDescent(command),
        origin,
        decision ->
            new StoredAnswer.OfDescent(
                command.keyId(), command.context().now(), decision.keyIds(), decision.more()));
  }

  @PutMapping("/{keyId}/permissions")
  @Needs("keys:change")
  ResponseEntity<?> changePermissions(@PathVariable String keyId, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER)
            .command(Bodies.Permissions.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) ->
            new KeyCommand.ChangePermissions(
                id,
                context,
                fields.demand("permissions", body.permissions(), Bodies::permissionsOf)));
  }

  @PutMapping("/{keyId}/restrictions")
  @Needs("keys:change")
  ResponseEntity<?> restrict(@PathVariable String keyId, ApiCall call) {
    var body =
        call.allowQuery(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER)
            .command(Bodies.Restrictions.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) ->
            new KeyCommand.RestrictKey(
                id,
                context,
                fields.demand("ipAllowList", body.ipAllowList(), Bodies::ipAllowListOf)));
  }

  @PatchMapping("/{keyId}")
  @Needs("keys:change")
  ResponseEntity<?> describe(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.Describe.class);
    Set<String> cleared = call.clearedFields();
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) -> {
          fields.refuseClearing("name", cleared);
          return new KeyCommand.DescribeKey(
              id,
              context,
              fields.optional("name", body.name(), KeyName::new),
              cleared.contains("metadata")
                  ? new Metadata(Map.of())
                  : fields.optional("metadata", body.metadata(), Metadata::new));
        });
  }

  @PostMapping("/{keyId}/transfer")
  @Needs("keys:change")
  ResponseEntity<?> transfer(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.Transfer.class);
    return keys.execute(
        new KeyCommands.Target(keyId, body.reason()),
        call,
        (id, context, fields) -> {
          Owner owner = Bodies.OwnerBody.read(fields, body.owner());
          fields.requireValid();
          return new KeyCommand.TransferKey(id, context, validated(owner));
        });
  }
}
