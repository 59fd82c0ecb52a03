package dev.keyledger.checking;

import dev.keyledger.events.KeyId;
import dev.keyledger.log.LogReader;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.Peppers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies keys as of a time in the past: uses the same verifier on an index that contains only
 * what the log had of the key by then. Methods throw what {@link LogReader} throws. Thread-safe.
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
   * Returns the decision on a key at a point in time. Of its events, few are in memory at a time.
   *
   * @param keyId the key, with the secret that it had then; null: the key of the secret in the
   *     check
   */
  public Verdict verify(Check check, @Nullable KeyId keyId, PointInTime point) {
    var index = new KeyIndex();
    var trace = new Trace();
    if (check.explain()) {
      trace.prepareFor(check);
    }
    candidate(check, keyId, point)
        .ifPresent(key ->
            log.forEachEvent(
                key,
                check.workspace(),
                point.position(),
                event -> {
                  index.apply(event);
                  trace.add(event);
                }));
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
   * Returns the key that can be found, if any: in a workspace, no other key has or had the same
   * secret. In a closed workspace none is found.
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
}
