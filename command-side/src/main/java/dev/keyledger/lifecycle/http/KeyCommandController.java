package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.good;

import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.Decision;
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
import dev.keyledger.lifecycle.idempotency.KeptAnswer;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LogReader;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
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
  /** The query parameter of a revocation that includes what descends from the key. */
  private static final String CASCADE = "cascade";

  private final SecretMint mint;
  private final WorkspacePolicies policies;
  private final LogReader log;
  private final KeySideRows sideRows;
  private final IdempotentAnswers answers;
  private final AppliedEverywhere appliedEverywhere;

  KeyCommandController(
      SecretMint mint,
      WorkspacePolicies policies,
      LogReader log,
      KeySideRows sideRows,
      IdempotentAnswers answers,
      AppliedEverywhere appliedEverywhere) {
    this.mint = mint;
    this.policies = policies;
    this.log = log;
    this.sideRows = sideRows;
    this.answers = answers;
    this.appliedEverywhere = appliedEverywhere;
  }

  @PostMapping
  ResponseEntity<?> issue(ApiCall call) {
    var body = call.allowQuery().command(Bodies.Issue.class);
    Caller caller = policies.authorize(call, "keys:issue");
    return answers.execute(call, caller, () -> {}, () -> issue(body, caller, call));
  }

  private Order<KeyDecision> issue(Bodies.Issue body, Caller caller, ApiCall call) {
    var fields = new Fields();
    KeySpecification key = body.specification(fields);
    byte[] callersSha256 = fields.optional("secretSha256", body.secretSha256(), Bodies::sha256Of);
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireAllGood();
    KeySpecification wanted = good(key);
    SecretMint.Minted minted = callersSha256 == null ? mint.mint(wanted.environment()) : null;
    StoredSecret stored =
        minted == null
            ? mint.storedAs(caller.workspace(), good(callersSha256), null)
            : minted.stored();
    CommandContext context = policies.context(caller, null);
    var command = new KeyCommand.IssueKey(mint.newKeyId(context.now()), context, wanted, stored);
    if (callersSha256 != null) {
      refuseKnown(command, callersSha256);
    }
    return order(command, origin(caller, call, reason), HttpStatus.CREATED, minted);
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
  ResponseEntity<?> renew(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.Renew.class);
    return change(
        Target.orSelf("keys:renew", "self:renew", keyId, body.reason()),
        call,
        (id, context, fields) ->
            new KeyCommand.RenewKey(
                id,
                context,
                Bodies.expiryOf(fields, body.expiresAt(), body.lifetime()),
                Boolean.TRUE.equals(body.allowShorter())));
  }

  @PostMapping("/{keyId}/rotate")
  ResponseEntity<?> rotate(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedEverywhere.PARAMETER).command(Bodies.Rotate.class);
    var minted = new AtomicReference<SecretMint.Minted>();
    return change(
        Target.orSelf("keys:rotate", "self:rotate", keyId, body.reason()),
        call,
        (id, context, fields) -> {
          // The secret's prefix names the key's environment, which never changes.
          KeyView key = existing(id, context.workspace(), context.expectedVersions());
          minted.set(mint.mint(key.facts().environment()));
          return new KeyCommand.RotateKey(
              id,
              context,
              good(minted.get()).stored(),
              body.overlap(),
              Boolean.TRUE.equals(body.closeOverlap()),
              body.expiry(fields));
        },
        minted);
  }

  @PostMapping("/{keyId}/retire-secret")
  ResponseEntity<?> retireSecret(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.ReasonOnly.class);
    return change(
        new Target("keys:rotate", keyId, body.reason()),
        call,
        (id, context, _) -> new KeyCommand.RetireSecret(id, context));
  }

  @PostMapping("/{keyId}/suspend")
  ResponseEntity<?> suspend(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedEverywhere.PARAMETER).command(Bodies.ReasonOnly.class);
    return change(
        new Target("keys:suspend", keyId, body.reason()),
        call,
        (id, context, _) -> new KeyCommand.SuspendKey(id, context));
  }

  @PostMapping("/{keyId}/resume")
  ResponseEntity<?> resume(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.ReasonOnly.class);
    return change(
        new Target("keys:suspend", keyId, body.reason()),
        call,
        (id, context, _) -> new KeyCommand.ResumeKey(id, context));
  }

  @PostMapping("/{keyId}/revoke")
  ResponseEntity<?> revoke(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedEverywhere.PARAMETER, CASCADE).command(Bodies.Revoke.class);
    boolean cascade = Boolean.TRUE.equals(call.query(CASCADE, KeyCommandController::flag));
    int keys = cascade ? KeyBatchCommand.KEYS_MAX : 1;
    var target = new Target("keys:revoke", null, keyId, body.reason(), keys);
    CommandReader<KeyCommand.RevokeKey> reader =
        (id, context, fields) -> new KeyCommand.RevokeKey(id, context, body.why(fields));
    return cascade
        ? change(target, call, reader, KeyCommandController::descentOrder)
        : change(target, call, reader);
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
            new KeptAnswer.OfDescent(
                command.keyId(), command.context().now(), decision.keyIds(), decision.more()));
  }

  @PutMapping("/{keyId}/permissions")
  ResponseEntity<?> changePermissions(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedEverywhere.PARAMETER).command(Bodies.Permissions.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, context, fields) ->
            new KeyCommand.ChangePermissions(
                id,
                context,
                fields.demand("permissions", body.permissions(), Bodies::permissionsOf)));
  }

  @PutMapping("/{keyId}/restrictions")
  ResponseEntity<?> restrict(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery(AppliedEverywhere.PARAMETER).command(Bodies.Restrictions.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, context, fields) ->
            new KeyCommand.RestrictKey(
                id,
                context,
                fields.demand("ipAllowList", body.ipAllowList(), Bodies::ipAllowListOf)));
  }

  @PatchMapping("/{keyId}")
  ResponseEntity<?> describe(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.Describe.class);
    Set<String> cleared = call.clearedFields();
    return change(
        new Target("keys:change", keyId, body.reason()),
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
  ResponseEntity<?> transfer(@PathVariable String keyId, ApiCall call) {
    var body = call.allowQuery().command(Bodies.Transfer.class);
    return change(
        new Target("keys:change", keyId, body.reason()),
        call,
        (id, context, fields) -> {
          Owner owner = Bodies.OwnerBody.read(fields, body.owner());
          fields.requireAllGood();
          return new KeyCommand.TransferKey(id, context, good(owner));
        });
  }

  /**
   * What a request aims at.
   *
   * @param needs the permission, without the prefix {@code keyledger:}
   * @param ofItself the permission of a key to do it to itself, likewise; null: there is none
   * @param keyId as the path has it
   * @param reason as the body has it
   * @param keys how many keys it may change, for the limits of commands
   */
  private record Target(
      String needs, @Nullable String ofItself, String keyId, @Nullable String reason, int keys) {
    Target(String needs, String keyId, @Nullable String reason) {
      this(needs, null, keyId, reason, 1);
    }

    static Target orSelf(String needs, String ofItself, String keyId, @Nullable String reason) {
      return new Target(needs, ofItself, keyId, reason, 1);
    }

    Caller authorize(WorkspacePolicies policies, ApiCall call) {
      return ofItself == null
          ? policies.authorize(call, needs, keys)
          : policies.authorizeOrSelf(call, needs, keyId, ofItself);
    }
  }

  /** Reads the fields of a body into a command and collects every error. */
  private interface CommandReader<C extends KeyCommand> {
    C read(KeyId keyId, CommandContext context, Fields fields);
  }

  private ResponseEntity<?> change(
      Target target, ApiCall call, CommandReader<? extends KeyCommand> reader) {
    return change(target, call, reader, new AtomicReference<>());
  }

  /**
   * @param minted where the reader leaves a secret that it made
   */
  private ResponseEntity<?> change(
      Target target,
      ApiCall call,
      CommandReader<? extends KeyCommand> reader,
      AtomicReference<SecretMint.Minted> minted) {
    return change(
        target,
        call,
        reader,
        (command, origin) -> order(command, origin, HttpStatus.OK, minted.get()));
  }

  private <C extends KeyCommand, D extends Decision> ResponseEntity<?> change(
      Target target,
      ApiCall call,
      CommandReader<C> reader,
      BiFunction<C, CommandOrigin, Order<D>> order) {
    Set<Long> expectedVersions = call.ifMatch();
    Duration wait = call.appliedWait();
    Caller caller = target.authorize(policies, call);
    KeyId keyId = KeyResource.idOf(target.keyId());
    String workspace = caller.workspace();
    Supplier<Order<D>> orders =
        () -> {
          CommandContext context = policies.context(caller, expectedVersions);
          var fields = new Fields();
          try {
            String reason = fields.optional("reason", target.reason(), Bodies::reasonOf);
            C command = reader.read(keyId, context, fields);
            fields.requireAllGood();
            return order.apply(command, origin(caller, call, reason));
          } catch (ProblemException problem) {
            if (problem.code() == ProblemCode.INVALID_FIELD) {
              existing(keyId, workspace, expectedVersions); // which is told first
            }
            throw problem;
          }
        };
    return appliedEverywhere.answer(
        wait,
        workspace,
        () -> answers.execute(call, caller, () -> existing(keyId, workspace, null), orders));
  }

  private static Order<KeyDecision> order(
      KeyCommand command,
      CommandOrigin origin,
      HttpStatus status,
      SecretMint.@Nullable Minted minted) {
    var answer =
        new KeptAnswer.OfKey(
            status.value(),
            command.keyId(),
            command.context().now(),
            minted == null ? null : minted.secret());
    return new Order<>(command, origin, _ -> answer);
  }

  /** Returns the origin of a caller's command. */
  static CommandOrigin origin(Caller caller, ApiCall call, @Nullable String reason) {
    return new CommandOrigin(caller.actor(), call.requestId(), call.context(reason));
  }

  /** Returns the key as the log has it now, of an expected version. */
  private KeyView existing(KeyId keyId, String workspace, @Nullable Set<Long> expectedVersions) {
    KeyView key = log.key(keyId, workspace).orElseThrow(KeyResource::notFound);
    if (expectedVersions != null && !expectedVersions.contains(key.facts().version())) {
      throw IdempotentAnswers.problem(Outcome.Rejected.versionMismatch("key", expectedVersions));
    }
    return key;
  }
}
