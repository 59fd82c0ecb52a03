package dev.keyledger.verification.decision;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link Check}.
 *
 * @param code the outcome
 * @param found the key at the time of the check; null exactly if the code is MALFORMED or NOT_FOUND
 * @param missingPermissions those of allOf that the key lacks, then all of anyOf if it holds none
 * @param issuerFault the event that makes an issuer of the key invalid; null if there is none
 * @param conditions the outcome of every condition, in the order of the codes; empty unless
 *     requested, and without a key
 * @param position a log position; the answer takes into account all events up to it
 */
public record Decision(
    DecisionCode code,
    @Nullable PresentedKey found,
    List<Permission> missingPermissions,
    @Nullable DecidedBy issuerFault,
    List<Condition> conditions,
    long position) {

  public Decision {
    missingPermissions = List.copyOf(missingPermissions);
    conditions = List.copyOf(conditions);
  }

  /** Returns the decision for a secret that belongs to no key of the workspace. */
  public static Decision miss(DecisionCode code, long position) {
    return new Decision(code, null, List.of(), null, List.of(), position);
  }

  /** Returns the decision on a known key at a time: its code is the first unmet condition. */
  public static Decision on(PresentedKey found, Check check, Instant now, long position) {
    return Conditions.of(found, check, now).decide(position);
  }

  /** Returns the same decision with another position. */
  public Decision at(long upTo) {
    return new Decision(code, found, missingPermissions, issuerFault, conditions, upTo);
  }

  /** Returns whether the key passes the check. */
  public boolean valid() {
    return code == DecisionCode.VALID;
  }

  /**
   * Returns the key at the time of the check; null exactly if the code is MALFORMED or NOT_FOUND.
   */
  public @Nullable KeyView key() {
    return found == null ? null : found.view();
  }

  /** Returns the generation of the presented secret, 1 or more; 0 without a key. */
  public int generation() {
    return found == null ? 0 : found.generation();
  }

  /** Returns the event behind the code; null exactly without a key. */
  public @Nullable DecidedBy decidedBy() {
    if (code == DecisionCode.ISSUER_INVALID) {
      return issuerFault;
    }
    return found == null ? null : found.decidedBy(code);
  }

  /**
   * Returns the event that ended the presented secret or set the end of its overlap; null if there
   * is none, and without a key.
   */
  public @Nullable DecidedBy endedBy() {
    return found == null ? null : found.endedBy();
  }

  /** Returns whether the first reminder of the key's expiry is due; false without a key. */
  public boolean renewalDue(Instant now) {
    return found != null && found.isRenewalDueAt(now);
  }
}
