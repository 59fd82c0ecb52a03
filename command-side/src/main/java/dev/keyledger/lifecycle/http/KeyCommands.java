package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** Executes the requests that change one key, in the order of the contract. Thread-safe. */
final class KeyCommands {
  private final WorkspacePolicies policies;
  private final LogReader log;
  private final LastUseTable lastUses;
  private final IdempotentAnswers answers;
  private final AppliedEverywhere appliedEverywhere;

  KeyCommands(
      WorkspacePolicies policies,
      LogReader log,
      LastUseTable lastUses,
      IdempotentAnswers answers,
      AppliedEverywhere appliedEverywhere) {
    this.policies = policies;
    this.log = log;
    this.lastUses = lastUses;
    this.answers = answers;
    this.appliedEverywhere = appliedEverywhere;
  }

  /**
   * The target of a request.
   *
   * @param keyId from the path
   * @param reason from the body
   * @param keys the number of keys that it may change, for the limits of commands
   */
  record Target(String keyId, @Nullable String reason, int keys) {
    Target(String keyId, @Nullable String reason) {
      this(keyId, reason, 1);
    }
  }

  /** Reads the fields of a body into a command and collects every error. */
  interface Reader<C extends KeyCommand> {
    C read(KeyId keyId, CommandContext context, Fields fields);
  }

  /** Executes a request whose body is read and whose answer is the key. */
  ResponseEntity<?> execute(Target target, ApiCall call, Reader<? extends KeyCommand> reader) {
    return execute(target, call, reader, new AtomicReference<>());
  }

  /**
   * Executes a request, as {@link #execute(Target, ApiCall, Reader)} does.
   *
   * @param minted receives the secret that the reader creates
   */
  ResponseEntity<?> execute(
      Target target,
      ApiCall call,
      Reader<? extends KeyCommand> reader,
      AtomicReference<SecretMint.Minted> minted) {
    return execute(
        target,
        call,
        reader,
        (command, origin) -> order(command, origin, HttpStatus.OK, minted.get()));
  }

  /**
   * Executes a request, as {@link #execute(Target, ApiCall, Reader)} does.
   *
   * @param order creates the order of a command, with its answer
   */
  <C extends KeyCommand, D extends CommandDecision> ResponseEntity<?> execute(
      Target target, ApiCall call, Reader<C> reader, BiFunction<C, CommandOrigin, Order<D>> order) {
    Set<Long> expectedVersions = call.ifMatch();
    Duration wait = call.appliedWait();
    Caller caller = policies.caller(call, target.keys());
    KeyId keyId = KeyResource.idOf(target.keyId());
    String workspace = caller.workspace();
    Supplier<Order<D>> orders =
        () -> {
          CommandContext context = policies.context(caller, expectedVersions);
          var fields = new Fields();
          try {
            String reason = fields.optional("reason", target.reason(), Bodies::reasonOf);
            C command = reader.read(keyId, context, fields);
            fields.requireValid();
            return order.apply(command, origin(caller, call, reason));
          } catch (ProblemException problem) {
            if (problem.code() == ProblemCode.INVALID_FIELD) {
              existing(keyId, workspace, expectedVersions); // which has precedence
            }
            throw problem;
          }
        };
    return appliedEverywhere.answer(
        wait,
        workspace,
        () -> answers.execute(call, caller, () -> existing(keyId, workspace, null), orders));
  }

  /** Returns the order of a command whose answer is the key. */
  static Order<KeyDecision> order(
      KeyCommand command,
      CommandOrigin origin,
      HttpStatus status,
      SecretMint.@Nullable Minted minted) {
    StoredAnswer answer = answer(command, status, minted);
    return new Order<>(command, origin, _ -> answer);
  }

  /** Returns the answer to a command, which is the key. */
  static StoredAnswer.OfKey answer(
      KeyCommand command, HttpStatus status, SecretMint.@Nullable Minted minted) {
    return new StoredAnswer.OfKey(
        status.value(),
        command.keyId(),
        command.context().now(),
        minted == null ? null : minted.secret());
  }

  /** Returns the origin of a caller's command. */
  static CommandOrigin origin(Caller caller, ApiCall call, @Nullable String reason) {
    return new CommandOrigin(caller.actor(), call.requestId(), call.context(reason));
  }

  /** Returns the last uses of a key that the next rotation depends on; null if there are none. */
  @Nullable LastUse usesToRotate(KeyView key) {
    return key.facts().secrets().rotationQuiet() == null
        ? null
        : lastUses.read(List.of(key.keyId())).get(key.keyId());
  }

  /** Returns the key as the log has it now, of an expected version. */
  KeyView existing(KeyId keyId, String workspace, @Nullable Set<Long> expectedVersions) {
    KeyView key = log.key(keyId, workspace).orElseThrow(KeyResource::notFound);
    if (expectedVersions != null && !expectedVersions.contains(key.facts().version())) {
      throw IdempotentAnswers.problem(Outcome.Rejected.versionMismatch("key", expectedVersions));
    }
    return key;
  }
}
