package dev.keyledger.checking;

import dev.keyledger.access.Shares;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.decision.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Explains verdicts from the keys' events in the log. The verdicts come from the index and stay
 * unchanged; of a key's events only those are read that its verdict is based on, and few are in
 * memory at a time.
 *
 * <p>Thread-safe. Waits for the database: never call it on a thread that other requests need.
 */
public final class Explainer {
  /** The maximum number of concurrent requests with explanations; others wait. */
  public static final int AT_ONCE_MAX = 4;

  /** The maximum number of them for keys of one workspace. */
  public static final int AT_ONCE_OF_WORKSPACE_MAX = 2;

  /** How long a request waits for its turn. */
  public static final Duration TURN_WAIT_MAX = Duration.ofSeconds(2);

  private final Log log;
  private final Duration turnWaitMax;
  private final Shares<String> turns = new Shares<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);

  public Explainer(Log log) {
    this(log, TURN_WAIT_MAX);
  }

  Explainer(Log log, Duration turnWaitMax) {
    this.log = log;
    this.turnWaitMax = turnWaitMax;
  }

  /** Where the events of keys are read. */
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
   * @throws StoreUnavailableException if the log cannot be read, or too many others read it
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
    inTurn(checks.getFirst().workspace(), () -> traces.forEach(this::read));
    var explained = new ArrayList<Verdict>(verdicts.size());
    for (int i = 0; i < verdicts.size(); i++) {
      Check check = checks.get(i);
      Verdict verdict = verdicts.get(i);
      Known key = explained(check, verdict);
      explained.add(
          key == null
              ? verdict
              : verdict.explainedBy(
                  Objects.requireNonNull(traces.get(key)).explain(check, verdict.decision())));
    }
    return explained;
  }

  /** Returns the key whose events explain a verdict; null if it is not to be explained. */
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

  private void inTurn(String workspace, Runnable read) {
    try {
      if (!turns.tryTake(workspace, turnWaitMax)) {
        throw new StoreUnavailableException("too many concurrent explanations");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted", e);
    }
    try {
      read.run();
    } finally {
      turns.leave(workspace);
    }
  }
}
