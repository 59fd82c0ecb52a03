package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.access.http.ApiCall;
import dev.keyledger.access.http.OAuthAnswers;
import dev.keyledger.access.http.ProblemCode;
import dev.keyledger.access.http.ProblemException;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.Secrets;
import dev.keyledger.lifecycle.Circumstances;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.verification.Check;
import dev.keyledger.verification.Decision;
import dev.keyledger.verification.DecisionCode;
import dev.keyledger.verification.KeySecret;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.PermissionSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Token revocation (RFC 7009): whoever holds a secret may end it, and needs nothing else for it.
 * The answer is the same for every token, so that it tells nobody whether one was known.
 */
@RestController
@RequestMapping(path = "/oauth2/revoke", produces = MediaType.APPLICATION_JSON_VALUE)
class HolderRevocationController {
  private static final Duration INDEX_WAIT_MAX = Duration.ofSeconds(2);

  /** A holder grants nothing. */
  private static final Ceiling NOTHING = new Ceiling(PermissionSet.of(List.of()));

  private final KeyVerifier verifier;
  private final LogReader log;
  private final LogTail tail;
  private final KeyLedger ledger;
  private final Workspaces workspaces;
  private final InstantSource clock;

  HolderRevocationController(
      KeyVerifier verifier,
      LogReader log,
      LogTail tail,
      KeyLedger ledger,
      Workspaces workspaces,
      InstantSource clock) {
    this.verifier = verifier;
    this.log = log;
    this.tail = tail;
    this.ledger = ledger;
    this.workspaces = workspaces;
    this.clock = clock;
  }

  @PostMapping
  ResponseEntity<byte[]> revoke(ApiCall call) {
    return OAuthAnswers.answer(
        call,
        () -> {
          KeySecret token = KeySecret.of(call.allowQuery().form().required("token"));
          String workspace = call.namedWorkspace();
          workspaces
              .policyOf(workspace)
              .flatMap(policy -> {
                var circumstances =
                    new Circumstances(workspace, null, clock.instant(), policy, NOTHING);
                return commandThatEnds(token, circumstances);
              })
              .ifPresent(command -> carryOut(command, call));
          return Map.of();
        });
  }

  /** What ends the secret; empty if there is nothing to end. */
  private Optional<KeyCommand> commandThatEnds(KeySecret token, Circumstances circumstances) {
    Decision found = find(token, circumstances);
    KeyView key = found.key();
    if (key == null) {
      return Optional.empty();
    }
    Secrets secrets = key.facts().secrets();
    boolean current = found.generation() == secrets.generation();
    boolean overlapping =
        found.generation() == secrets.generation() - 1
            && secrets.previousAliveAt(circumstances.now()) != null;
    if (!current && !overlapping) {
      return Optional.empty();
    }
    // The version is named, so that nothing but what was looked at is ended.
    var ending =
        new Circumstances(
            circumstances.workspace(),
            Set.of(key.facts().version()),
            circumstances.now(),
            circumstances.policy(),
            circumstances.ceiling());
    // An expired key takes no other command, and a renewal would bring the secret back to life.
    boolean expired = key.facts().validity().isExpiredAt(circumstances.now());
    return Optional.of(
        current || expired
            ? new KeyCommand.RevokeKey(key.keyId(), ending, RevocationReason.UNSPECIFIED)
            : new KeyCommand.RetireSecret(key.keyId(), ending));
  }

  /** Looks at the head of the log: a key that another node issued a moment ago is not missed. */
  private Decision find(KeySecret token, Circumstances circumstances) {
    Instant now = circumstances.now();
    Check check = Check.of(token, circumstances.workspace());
    Decision found = verifier.verify(check, now);
    if (found.code() == DecisionCode.MALFORMED) {
      return found;
    }
    if (!tail.await(log.head().position(), INDEX_WAIT_MAX)) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED, "This node has not caught up with the log; try again.");
    }
    return verifier.verify(check, now);
  }

  private void carryOut(KeyCommand command, ApiCall call) {
    Actor holder = new Actor(ActorType.HOLDER, command.keyId().value());
    var origin = new KeyLedger.Origin(holder, call.requestId(), call.context(null));
    try {
      switch (ledger.carryOut(command, origin)) {
        case KeyLedger.Done done -> tail.await(done.key().position(), INDEX_WAIT_MAX);
        case KeyLedger.Refused refused -> {
          if (refused.rejected().reason() != Outcome.Reason.KEY_REVOKED) {
            throw changedMeanwhile();
          }
        }
      }
    } catch (AppendConflictException conflict) {
      throw changedMeanwhile();
    }
  }

  /** RFC 7009 section 2.2.1 wants 503 where the client must try again. */
  private static ProblemException changedMeanwhile() {
    return new ProblemException(
        ProblemCode.STORE_UNAVAILABLE, "The key was changed at the same time; try again.");
  }
}
