package dev.keyledger.checking;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.decision.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Explains verdicts from the keys' events in the log. The verdicts come from the index and stay
 * unchanged; of a key's events only those are read that its verdict is based on.
 *
 * <p>Thread-safe. Waits for the database: never call it on a thread that other requests need.
 */
public final class Explainer {
  /** The maximum number of concurrent requests with explanations; others wait. */
  public static final int AT_ONCE_MAX = 4;

  /** How long a request waits for its turn. */
  public static final Duration TURN_WAIT_MAX = Duration.ofSeconds(2);

  private final Function<Collection<KeyId>, Map<KeyId, List<LoggedEvent>>> log;
  private final Duration turnWaitMax;
  private final Semaphore turns = new Semaphore(AT_ONCE_MAX, true);

  /**
   * @param log returns all events of some keys, each key's oldest first; throws {@link
   *     StoreUnavailableException}
   */
  public Explainer(Function<Collection<KeyId>, Map<KeyId, List<LoggedEvent>>> log) {
    this(log, TURN_WAIT_MAX);
  }

  Explainer(Function<Collection<KeyId>, Map<KeyId, List<LoggedEvent>>> log, Duration turnWaitMax) {
    this.log = log;
    this.turnWaitMax = turnWaitMax;
  }

  /**
   * Returns the verdicts, with explanations where possible: a miss has none.
   *
   * @param checks the checks that the verdicts answer, in the same order; those without {@code
   *     explain} get no explanation
   * @throws StoreUnavailableException if the log cannot be read, or too many others read it
   */
  public List<Verdict> explain(List<Check> checks, List<Verdict> verdicts) {
    var keys = new LinkedHashSet<KeyId>();
    for (int i = 0; i < verdicts.size(); i++) {
      KeyView key = verdicts.get(i).decision().key();
      if (key != null && checks.get(i).explain()) {
        keys.add(key.keyId());
      }
    }
    if (keys.isEmpty()) {
      return verdicts;
    }
    Map<KeyId, List<LoggedEvent>> events = inTurn(() -> log.apply(keys));
    var explained = new ArrayList<Verdict>(verdicts.size());
    for (int i = 0; i < verdicts.size(); i++) {
      explained.add(explained(checks.get(i), verdicts.get(i), events));
    }
    return explained;
  }

  private static Verdict explained(
      Check check, Verdict verdict, Map<KeyId, List<LoggedEvent>> events) {
    KeyView key = verdict.decision().key();
    if (key == null || !check.explain()) {
      return verdict;
    }
    List<LoggedEvent> until =
        events.getOrDefault(key.keyId(), List.of()).stream()
            .filter(event -> event.position() <= key.position())
            .toList();
    if (until.isEmpty() || until.getLast().position() != key.position()) {
      throw new StoreUnavailableException(
          "the log lacks events that this node has of " + key.keyId());
    }
    return verdict.explainedBy(Explanation.of(check, verdict.decision(), until));
  }

  private <T> T inTurn(Supplier<T> read) {
    try {
      if (!turns.tryAcquire(turnWaitMax.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new StoreUnavailableException("too many concurrent explanations");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted", e);
    }
    try {
      return read.get();
    } finally {
      turns.release();
    }
  }
}
