package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Ceiling;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.ContentionException;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.batch.KeyBatchCommand;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LeaksReported;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds and ends the keys of secrets that a caller presents. Reads the head of the log, so that a
 * key that another node has just issued is found. Thread-safe.
 *
 * <p>Known and unknown secrets are handled alike, and fail alike.
 */
final class PresentedSecrets {
  /** A holder grants nothing. */
  private static final Ceiling NOTHING = new Ceiling(PermissionSet.of(List.of()));

  /** The number of lookups that count as one secret. */
  static final int LOOKUPS_PER_COUNT = 100;

  private final Ledger ledger;
  private final KeyVerifier verifier;
  private final LogReader log;
  private final Freshness freshness;
  private final InstantSource clock;

  PresentedSecrets(
      Ledger ledger,
      KeyVerifier verifier,
      LogReader log,
      Freshness freshness,
      InstantSource clock) {
    this.ledger = ledger;
    this.verifier = verifier;
    this.log = log;
    this.freshness = freshness;
    this.clock = clock;
  }

  /**
   * A secret that a key has or had.
   *
   * @param secret the secret
   * @param generation its number
   * @param context the context of a command about it, in the key's workspace
   */
  record Held(KeySecret secret, KeyId keyId, int generation, CommandContext context) {}

  private record Name(KeyId keyId, int generation) {}

  /**
   * Returns the number of secrets that {@link #find} counts as towards a limit: a secret counts
   * once for each {@value #LOOKUPS_PER_COUNT} lookups.
   */
  long countOf(int secrets, @Nullable String workspace) {
    return (long) secrets * Math.ceilDiv(verifier.lookupsPerSecret(workspace), LOOKUPS_PER_COUNT);
  }

  /** Returns the secrets in texts, stripped of white space. */
  List<KeySecret> candidatesIn(List<KeySecret> texts) {
    return texts.stream().flatMap(text -> verifier.candidatesIn(text.stripped()).stream()).toList();
  }

  /**
   * Returns the secrets that keys have or had, each once.
   *
   * @param workspace the workspace to search; null: all
   * @throws ProblemException with {@code not-yet-applied} if this node is behind the log
   * @throws dev.keyledger.log.StoreUnavailableException if the log cannot be read
   */
  Collection<Held> find(List<KeySecret> secrets, @Nullable String workspace) {
    awaitHead();
    Instant now = clock.instant();
    Map<Name, Held> held = new LinkedHashMap<>();
    for (KeySecret secret : secrets) {
      for (PresentedKey found : verifier.keysWith(secret, workspace)) {
        held.put(new Name(found.keyId(), found.generation()), held(secret, found, now));
      }
    }
    return held.values();
  }

  private Held held(KeySecret secret, PresentedKey found, Instant now) {
    // The holder of a secret may end it, whatever the policy.
    var context =
        new CommandContext(found.workspace(), null, now, WorkspacePolicy.DEFAULT, NOTHING);
    return new Held(secret, found.keyId(), found.generation(), context);
  }

  /**
   * Ends leaked secrets.
   *
   * @return the ones that keys have or had
   * @throws ProblemException as {@link #find} and {@link #execute}
   */
  List<KeySecret> reportLeaks(List<KeySecret> leaked, CommandOrigin origin) {
    Collection<Held> hits = find(leaked, null);
    List<KeyCommand.ReportLeak> reports =
        hits.stream()
            .map(held -> new KeyCommand.ReportLeak(held.keyId(), held.context(), held.generation()))
            .toList();
    var orders = new ArrayList<Order<LeaksReported>>();
    for (int from = 0; from < reports.size(); from += KeyBatchCommand.LEAKS_MAX) {
      int to = Math.min(reports.size(), from + KeyBatchCommand.LEAKS_MAX);
      orders.add(new Order<>(new KeyBatchCommand.ReportLeaks(reports.subList(from, to)), origin));
    }
    execute(orders);
    return hits.stream().map(Held::secret).toList();
  }

  /**
   * Executes orders about held secrets, one after the other, and waits until this node's index
   * contains them, up to a limit.
   *
   * @throws ProblemException if one fails; it does not reveal that the keys exist, and says whether
   *     an earlier one was executed
   */
  void execute(List<? extends Order<?>> orders) {
    boolean begun = false;
    for (Order<?> order : orders) {
      try {
        execute(order);
      } catch (ContentionException | StoreUnavailableException failure) {
        // RFC 7009 section 2.2.1 requires 503 if the client must retry.
        throw begun ? partlyDone() : nothingDone();
      }
      begun = true;
    }
  }

  private <D extends CommandDecision> void execute(Order<D> order) {
    Ledger.Result<D> result = ledger.execute(order);
    result
        .decision()
        .rejected()
        .ifPresent(rejected -> {
          throw new IllegalStateException("rejected: " + rejected.reason());
        });
    boolean _ = freshness.awaitIndex(result.position(), Freshness.INDEX_WAIT_MAX);
  }

  private static ProblemException nothingDone() {
    return new ProblemException(
        ProblemCode.STORE_UNAVAILABLE, "Nothing was done. Try again in a moment.");
  }

  private static ProblemException partlyDone() {
    return new ProblemException(
        ProblemCode.OUTCOME_UNKNOWN,
        "A part of the request may be recorded. Repeat it: nothing is recorded twice.");
  }

  private void awaitHead() {
    if (!freshness.awaitIndex(log.head().position(), Freshness.INDEX_WAIT_MAX)) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED, "This node has not caught up with the log; try again.");
    }
  }
}
