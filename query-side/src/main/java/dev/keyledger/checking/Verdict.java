package dev.keyledger.checking;

import dev.keyledger.verification.Decision;
import java.time.Instant;

/**
 * A decision, and how fresh the knowledge behind it was.
 *
 * @param decision the outcome
 * @param decidedAt the time that it was decided for
 * @param asOf the decision takes into account all that the log held at this time of the log, and
 *     possibly more
 */
public record Verdict(Decision decision, Instant decidedAt, Instant asOf) {}
