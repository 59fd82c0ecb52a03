package dev.keyledger.verification;

import dev.keyledger.events.KeyView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link Check}.
 *
 * @param code the outcome
 * @param key the key as it stood; null exactly if the code is MALFORMED or NOT_FOUND
 * @param generation the number of the presented secret, 1 or more; 0 without a key
 * @param missingPermissions those of allOf that the key lacks, then all of anyOf if it holds none
 * @param decidedBy the event behind the code; null exactly without a key
 * @param conditions the outcome of every condition, in the order of the codes; empty unless asked
 *     for, and without a key
 * @param position a position of the log whose events, and all before, the answer takes into account
 */
public record Decision(
    DecisionCode code,
    @Nullable KeyView key,
    int generation,
    List<Permission> missingPermissions,
    @Nullable DecidedBy decidedBy,
    List<Condition> conditions,
    long position) {

  public Decision {
    missingPermissions = List.copyOf(missingPermissions);
    conditions = List.copyOf(conditions);
  }

  static Decision miss(DecisionCode code, long position) {
    return new Decision(code, null, 0, List.of(), null, List.of(), position);
  }

  /** Whether the key is good for what was asked. */
  public boolean valid() {
    return code == DecisionCode.VALID;
  }

  /** Whether the first reminder of the key's expiry is due; false without a key. */
  public boolean renewalDue(Instant now) {
    return key != null && key.facts().validity().isRenewalDueAt(now);
  }
}
