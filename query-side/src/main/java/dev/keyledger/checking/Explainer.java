package dev.keyledger.checking;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.decision.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Explains verdicts from the keys' events in the log. The verdicts come from the index and stay
 * unchanged. Of a key's events, only those behind its verdict are read, and few are in memory at a
 * time.
 *
 * <p>Thread-safe. Waits for the database: never call it on a thread that other requests need.
 */
public final class Explainer {
  private final Log log;
  private final QueryTurns turns;

  public Explainer(Log log, QueryTurns turns) {
    this.log = log;
    this.turns = turns;
  }

  /** The log as the source of keys' events. */
  @FunctionalInterface
  public interface Log {
    /**
     * Passes on the events of a key up to a position, oldest first.
     *
     * @throws StoreUnavailableException if the log cannot be read
     */
    void forEachEvent(KeyId keyId, String workspace, long upTo, Consumer<LoggedEvent> consumer);
  }

  /** A key as verdicts know it. */
  private record Known(KeyId keyId, String workspace, long position) {
    static Known of(KeyView key) {
      return new Known(key.keyId(), key.workspace(), key.position());
    }
  }

  /**
   * Returns the verdicts, with explanations where possible: a miss has none.
   *
   * @param checks the checks that the verdicts answer, in the same order and all of one workspace;
   *     those without {@code explain} get no explanation
   * @throws StoreUnavailableException if the log cannot be read, or too many other queries read it
   */
  public List<Verdict> explain(List<Check> checks, List<Verdict> verdicts) {
    Map<Known, Trace> traces = new LinkedHashMap<>();
    for (int i = 0; i < verdicts.size(); i++) {
      Known key = explained(checks.get(i), verdicts.get(i));
      if (key != null) {
        traces.computeIfAbsent(key, _ -> new Trace()).prepareFor(checks.get(i));
      }
    }
    if (traces.isEmpty()) {
      return verdicts;
    }
    return turns.read(checks.getFirst().workspace(), () -> explain(checks, verdicts, traces));
  }

  private List<Verdict> explain(
      List<Check> checks, List<Verdict> verdicts, Map<Known, Trace> traces) {
    traces.forEach(this::read);
    var explained = new ArrayList<Verdict>(verdicts.size());
    for (int i = 0; i < verdicts.size(); i++) {
      Check check = checks.get(i);
      Verdict verdict = verdicts.get(i);
      Known key = explained(check, verdict);
      Trace trace = key == null ? null : traces.get(key);
      explained.add(
          trace == null ? verdict : verdict.explainedBy(trace.explain(check, verdict.decision())));
    }
    return explained;
  }

  /** Returns the key whose events explain a verdict; null if it gets no explanation. */
  private static @Nullable Known explained(Check check, Verdict verdict) {
    KeyView key = verdict.decision().key();
    return key == null || !check.explain() ? null : Known.of(key);
  }

  private void read(Known key, Trace trace) {
    log.forEachEvent(key.keyId, key.workspace, key.position, trace::add);
    if (trace.position() != key.position) {
      throw new StoreUnavailableException(
          "the log lacks events that this node has of " + key.keyId);
    }
  }
}
