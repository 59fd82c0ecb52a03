package dev.keyledger.checking;

import dev.keyledger.verification.decision.Decision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision, and the freshness of the data behind it.
 *
 * @param decision the outcome
 * @param decidedAt the time for which it was decided
 * @param asOf a time of the log; the decision takes into account everything in the log up to then,
 *     and possibly more
 * @param explanation the events behind it; null unless requested, and without a key
 */
public record Verdict(
    Decision decision, Instant decidedAt, Instant asOf, @Nullable Explanation explanation) {
  Verdict(Decision decision, Instant decidedAt, Instant asOf) {
    this(decision, decidedAt, asOf, null);
  }

  Verdict explainedBy(Explanation why) {
    return new Verdict(decision, decidedAt, asOf, why);
  }
}
