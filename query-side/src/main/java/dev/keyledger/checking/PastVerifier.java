package dev.keyledger.checking;

import static java.util.Objects.requireNonNull;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.LogReader;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.Peppers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies keys as of a time in the past: uses the same verifier on an index with only the key's
 * events up to then. Methods throw the exceptions of {@link LogReader}. Thread-safe.
 */
public final class PastVerifier {
  private final KeyFormat format;
  private final Peppers peppers;
  private final LogReader log;

  public PastVerifier(KeyFormat format, Peppers peppers, LogReader log) {
    this.format = format;
    this.peppers = peppers;
    this.log = log;
  }

  /**
   * Returns the decision on a key at a point in time. Few of its events are in memory at a time.
   *
   * @param keyId the key, with the secret that it had then; null: the key of the secret in the
   *     check
   */
  public Verdict verify(Check check, @Nullable KeyId keyId, PointInTime point) {
    Optional<KeyId> candidate = candidate(check, keyId, point);
    List<StreamId> streams =
        candidate.map(key -> streamsOf(key, check.workspace(), point)).orElse(List.of());
    var index = new KeyIndex();
    var trace = new Trace();
    if (check.explain()) {
      trace.prepareFor(check);
    }
    log.forEachEvent(
        streams,
        check.workspace(),
        point.position(),
        event -> {
          index.apply(event);
          if (event.stream().equals(streams.getFirst())) {
            trace.add(event);
          }
        });
    var verifier = new KeyVerifier(format, peppers, index);
    Decision decision =
        (keyId == null
                ? verifier.verify(check, point.time())
                : verifier.verifyById(keyId, check, point.time()))
            .at(point.position());
    var verdict = new Verdict(decision, point.time(), point.time());
    return decision.found() == null || !check.explain()
        ? verdict
        : verdict.explainedBy(trace.explain(check, decision));
  }

  /**
   * Returns the key of a check, if any: in a workspace, no other key has or had the same secret. A
   * closed workspace has none.
   */
  private Optional<KeyId> candidate(Check check, @Nullable KeyId keyId, PointInTime point) {
    String workspace = check.workspace();
    if (log.isClosedAt(workspace, point.position())) {
      return Optional.empty();
    }
    return keyId == null
        ? log.keyWith(peppers.all(workspace, check.key().sha256()), workspace)
        : Optional.of(keyId);
  }

  /**
   * Returns the streams that a decision on a key depends on, its own first: for an operator's key,
   * those of its issuers too, as many as a check looks at, and that of the policy.
   */
  private List<StreamId> streamsOf(KeyId key, String workspace, PointInTime point) {
    var streams = new ArrayList<>(List.of(StreamId.of(key)));
    if (wasOperators(key, workspace, point)) {
      streams.add(StreamId.ofWorkspace(workspace));
      Actor issuer = issuerOf(key, workspace);
      for (int i = 0; i < KeyIndex.ISSUERS_MAX && issuer.type() == ActorType.OPERATOR; i++) {
        var issuerKey = new KeyId(requireNonNull(issuer.id()));
        streams.add(StreamId.of(issuerKey));
        issuer = issuerOf(issuerKey, workspace);
      }
    }
    return streams;
  }

  private boolean wasOperators(KeyId key, String workspace, PointInTime point) {
    return log.keyAt(key, workspace, point.position()).stream()
        .flatMap(view -> view.facts().permissions().stream())
        .anyMatch(permission -> new Permission(permission).isOperators());
  }

  private Actor issuerOf(KeyId key, String workspace) {
    List<LoggedEvent> first = log.history(key, workspace, false, null, 1).events();
    return first.isEmpty() ? Actor.ROOT : first.getFirst().actor();
  }
}
