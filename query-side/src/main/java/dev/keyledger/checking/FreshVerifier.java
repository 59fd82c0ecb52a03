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

/**
 * Decides on keys as long as this node is in touch with the log: what it does not know could be a
 * revocation. Thread-safe; never waits.
 */
public final class FreshVerifier {
  /** The most that a check may ask for: any age that the node puts up with. */
  public static final Duration AGE_MAX = Duration.ofMinutes(1);

  private final KeyVerifier verifier;
  private final AppliedLog log;
  private final Lease lease;
  private final InstantSource clock;
  private final Duration maxStaleness;
  private final BiConsumer<Decision, Instant> decided;

  /**
   * @param maxStaleness how long the node goes on without the log
   * @param decided told of each decision and the time that it is for; called by the thread that
   *     asked for it
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
   * Decides on a key, now.
   *
   * @param maxAge how long ago the log may last have answered, if that is less than what the node
   *     goes by; {@link #AGE_MAX} or more: what the node goes by
   * @return empty if the node has lost the log for longer, follows it no more, has not caught up
   *     with it since its start, or has no lease to answer
   */
  public Optional<Verdict> verify(Check check, Duration maxAge) {
    long term = lease.term();
    if (term == Lease.NONE || !isFresh(maxAge)) {
      return Optional.empty();
    }
    // Read before the decision, so that the decision shows at least what was in the log by then.
    Instant asOf = log.asOf();
    Instant now = clock.instant();
    Decision decision = verifier.verify(check, now);
    if (!lease.runs(term)) {
      return Optional.empty(); // the process may have stood still since: others do not wait for it
    }
    decided.accept(decision, now);
    return Optional.of(new Verdict(decision, now, asOf));
  }

  private boolean isFresh(Duration maxAge) {
    boolean asked = maxAge.compareTo(AGE_MAX) < 0 && maxAge.compareTo(maxStaleness) < 0;
    Duration max = asked ? maxAge : maxStaleness;
    return log.caughtUpOnce() && log.failure().isEmpty() && log.sinceContact().compareTo(max) <= 0;
  }
}
