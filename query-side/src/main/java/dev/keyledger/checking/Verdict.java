package dev.keyledger.checking;

import dev.keyledger.verification.decision.Decision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision, and how fresh the knowledge behind it was.
 *
 * @param decision the outcome
 * @param decidedAt the time that it was decided for
 * @param asOf the decision takes into account all that the log held at this time of the log, and
 *     possibly more
 * @param explanation the events behind it; null unless asked for, and without a key
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
