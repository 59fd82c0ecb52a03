package dev.keyledger.checking;

import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.receipts.Lease;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Verifies keys while this node is in contact with the log: an event that it does not know could be
 * a revocation. Thread-safe; never waits.
 */
public final class FreshVerifier {
  /** The longest age that a check may name. */
  public static final Duration AGE_MAX = Duration.ofMinutes(1);

  private final KeyVerifier verifier;
  private final AppliedLog log;
  private final Lease lease;
  private final InstantSource clock;
  private final Duration maxStaleness;
  private final BiConsumer<Decision, Instant> decided;

  /**
   * @param maxStaleness the longest time for which the node continues without the log
   * @param decided receives each decision and its time, on the thread that requested it
   */
  public FreshVerifier(
      KeyVerifier verifier,
      AppliedLog log,
      Lease lease,
      InstantSource clock,
      Duration maxStaleness,
      BiConsumer<Decision, Instant> decided) {
    this.verifier = verifier;
    this.log = log;
    this.lease = lease;
    this.clock = clock;
    this.maxStaleness = maxStaleness;
    this.decided = decided;
  }

  /**
   * Returns the decision on a key at present.
   *
   * @param maxAge the maximum age of this node's data, if that is less than the node's own limit;
   *     null: the node's own limit
   * @return empty if the node has had no contact to the log for longer, no longer follows it, has
   *     not caught up with it since its start, or has no lease
   */
  public Optional<Verdict> verify(Check check, @Nullable Duration maxAge) {
    long term = lease.term();
    if (term == Lease.NONE || !isFresh(maxAge)) {
      return Optional.empty();
    }
    // Read before the decision, which then takes into account at least the log up to that time.
    Instant asOf = log.asOf();
    Instant now = clock.instant();
    Decision decision = verifier.verify(check, now);
    if (!lease.runs(term)) {
      return Optional.empty(); // the process may have been frozen: others no longer wait for it
    }
    decided.accept(decision, now);
    return Optional.of(new Verdict(decision, now, asOf));
  }

  private boolean isFresh(@Nullable Duration maxAge) {
    Duration max = maxAge != null && maxAge.compareTo(maxStaleness) < 0 ? maxAge : maxStaleness;
    return log.caughtUpOnce() && log.failure().isEmpty() && log.sinceContact().compareTo(max) <= 0;
  }
}
