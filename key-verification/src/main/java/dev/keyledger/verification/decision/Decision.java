package dev.keyledger.verification.decision;

import dev.keyledger.events.KeyView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link Check}.
 *
 * @param code the outcome
 * @param found the key as it stood; null exactly if the code is MALFORMED or NOT_FOUND
 * @param missingPermissions those of allOf that the key lacks, then all of anyOf if it holds none
 * @param conditions the outcome of every condition, in the order of the codes; empty unless asked
 *     for, and without a key
 * @param position a position of the log whose events, and all before, the answer takes into account
 */
public record Decision(
    DecisionCode code,
    @Nullable PresentedKey found,
    List<Permission> missingPermissions,
    List<Condition> conditions,
    long position) {

  public Decision {
    missingPermissions = List.copyOf(missingPermissions);
    conditions = List.copyOf(conditions);
  }

  /** Returns the decision on a string that belongs to no key of the workspace. */
  public static Decision miss(DecisionCode code, long position) {
    return new Decision(code, null, List.of(), List.of(), position);
  }

  /**
   * Returns the decision on a known key at that time: the first condition that it fails is the
   * code.
   */
  public static Decision on(PresentedKey found, Check check, Instant now, long position) {
    return new Conditions(found, check, now).decide(position);
  }

  /** The same decision, as one that takes into account all up to that position. */
  public Decision at(long upTo) {
    return new Decision(code, found, missingPermissions, conditions, upTo);
  }

  /** Whether the key is good for what was asked. */
  public boolean valid() {
    return code == DecisionCode.VALID;
  }

  /** The key as it stood; null exactly if the code is MALFORMED or NOT_FOUND. */
  public @Nullable KeyView key() {
    return found == null ? null : found.view();
  }

  /** The number of the presented secret, 1 or more; 0 without a key. */
  public int generation() {
    return found == null ? 0 : found.generation();
  }

  /** The event behind the code; null exactly without a key. */
  public @Nullable DecidedBy decidedBy() {
    return found == null ? null : found.decidedBy(code);
  }

  /**
   * What ended the presented secret or set the end of its overlap; null if nothing did, and without
   * a key.
   */
  public @Nullable DecidedBy endedBy() {
    return found == null ? null : found.endedBy();
  }

  /** Whether the first reminder of the key's expiry is due; false without a key. */
  public boolean renewalDue(Instant now) {
    return found != null && found.view().facts().validity().isRenewalDueAt(now);
  }
}
