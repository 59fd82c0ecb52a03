package dev.keyledger.checking;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.LogReader;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.Peppers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Verifies keys as of a time in the past: uses the same verifier on an index that contains only
 * what the log had by then of the key, and of the operators that it depends on. Methods throw what
 * {@link LogReader} throws. Thread-safe.
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
   * Returns the decision on a key at a point in time.
   *
   * @param keyId the key, with the secret that it had then; null: the key of the secret in the
   *     check
   */
  public Verdict verify(Check check, @Nullable KeyId keyId, PointInTime point) {
    Map<KeyId, List<LoggedEvent>> keys = withIssuers(log.readKeys(candidates(check, keyId)));
    var known = new ArrayList<>(log.readStream(StreamId.ofWorkspace(check.workspace())));
    keys.values().forEach(known::addAll);
    known.removeIf(event ->
        event.position() > point.position() || !event.workspace().equals(check.workspace()));
    known.sort(Comparator.comparingLong(LoggedEvent::position));
    var index = new KeyIndex();
    known.forEach(index::apply);

    var verifier = new KeyVerifier(format, peppers, index);
    Decision decision =
        (keyId == null
                ? verifier.verify(check, point.time())
                : verifier.verifyById(keyId, check, point.time()))
            .at(point.position());
    var verdict = new Verdict(decision, point.time(), point.time());
    if (decision.found() == null || !check.explain()) {
      return verdict;
    }
    StreamId stream = StreamId.of(decision.found().keyId());
    return verdict.explainedBy(
        Explanation.of(
            check,
            decision,
            known.stream().filter(event -> event.stream().equals(stream)).toList()));
  }

  /** Adds the keys that operators' keys depend on, as many as a check looks at. */
  private Map<KeyId, List<LoggedEvent>> withIssuers(Map<KeyId, List<LoggedEvent>> keys) {
    var all = new HashMap<>(keys);
    Set<KeyId> issuers =
        keys.values().stream()
            .filter(PastVerifier::wasOperators)
            .flatMap(PastVerifier::issuerOf)
            .collect(Collectors.toSet());
    for (int read = 0; read < KeyIndex.ISSUERS_MAX; read++) {
      issuers.removeAll(all.keySet());
      if (issuers.isEmpty()) {
        break;
      }
      Map<KeyId, List<LoggedEvent>> found = log.readKeys(issuers);
      all.putAll(found);
      issuers = found.values().stream().flatMap(PastVerifier::issuerOf).collect(Collectors.toSet());
    }
    return all;
  }

  private static Stream<KeyId> issuerOf(List<LoggedEvent> key) {
    Actor issuer = key.getFirst().actor();
    return issuer.type() == ActorType.OPERATOR
        ? Stream.of(new KeyId(requireNonNull(issuer.id())))
        : Stream.empty();
  }

  /** Whether the key was an operator's at any time. */
  private static boolean wasOperators(List<LoggedEvent> key) {
    return key.stream()
        .flatMap(logged -> granted(logged.event()).stream())
        .anyMatch(permission -> new Permission(permission).isOperators());
  }

  private static List<String> granted(LedgerEvent event) {
    if (event instanceof KeyEvent.BeginsKey first) {
      return first.permissions();
    }
    return event instanceof PermissionsChanged changed ? changed.added() : List.of();
  }

  private Collection<KeyId> candidates(Check check, @Nullable KeyId keyId) {
    return keyId == null
        ? log.keysWith(peppers.all(check.workspace(), check.key().sha256()), check.workspace())
        : log.key(keyId, check.workspace()).map(KeyView::keyId).stream().toList();
  }
}
