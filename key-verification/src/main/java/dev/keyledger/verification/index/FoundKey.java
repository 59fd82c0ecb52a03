package dev.keyledger.verification.index;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.Secrets;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key as it was when it was found by one of its secrets. Thread-safe.
 *
 * <p>The facts that a check needs are available at once; the view is built on first use.
 */
public final class FoundKey implements PresentedKey {
  private final KeyIndex index;
  private final int slot;
  private final PackedKey key;
  private final int generation;
  private final @Nullable DecidedBy ending;

  // A benign race: any thread's value may win, because all are equal and immutable.
  private @Nullable KeyEntry entry;

  /**
   * @param index where its issuers are found
   * @param slot the slot of the key in the index, fixed for the lifetime of the process
   * @param generation the generation of the secret that found it
   * @param ending the event that ended that secret; null if it is the current or the previous one
   */
  FoundKey(KeyIndex index, int slot, PackedKey key, int generation, @Nullable DecidedBy ending) {
    this.index = index;
    this.slot = slot;
    this.key = key;
    this.generation = generation;
    this.ending = ending;
  }

  @Override
  public KeyView view() {
    return entry().view();
  }

  @Override
  public KeyId keyId() {
    return key.keyId();
  }

  @Override
  public String workspace() {
    return key.workspace();
  }

  @Override
  public Owner owner() {
    return key.owner();
  }

  @Override
  public @Nullable Instant expiresAt() {
    return key.expiresAt();
  }

  @Override
  public @Nullable Instant renewableUntil() {
    return key.renewableUntil();
  }

  @Override
  public int generation() {
    return generation;
  }

  @Override
  public int currentGeneration() {
    return key.generation();
  }

  @Override
  public boolean hasOverlapAt(Instant now) {
    return key.previousAliveAt(now) != null;
  }

  @Override
  public @Nullable Instant overlapEndsAt(Instant now) {
    Secrets.Previous previous = key.previousAliveAt(now);
    return previous == null ? null : previous.knownEnd(now);
  }

  @Override
  public boolean isRenewalDueAt(Instant now) {
    return key.isRenewalDueAt(now);
  }

  @Override
  public PermissionSet permissions() {
    return key.permissions();
  }

  @Override
  public IpAllowList ipAllowList() {
    return key.ipAllowList();
  }

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public Environment environment() {
    return key.environment();
  }

  @Override
  public boolean isRevokedAt(Instant now) {
    return key.isRevokedAt(now);
  }

  @Override
  public boolean isSuspendedAt(Instant now) {
    return key.isSuspendedAt(now);
  }

  @Override
  public boolean isNotYetActiveAt(Instant now) {
    return key.isNotYetActiveAt(now);
  }

  @Override
  public boolean isExpiredAt(Instant now) {
    return key.isExpiredAt(now);
  }

  @Override
  public boolean isAlive(Instant now) {
    return generation == key.generation()
        || (generation == key.generation() - 1 && hasOverlapAt(now));
  }

  @Override
  public boolean dependsOnIssuer() {
    return key.dependsOnIssuer();
  }

  /** Sees the issuers as they are when it is called. */
  @Override
  public @Nullable DecidedBy issuerFault(Instant now, @Nullable String ip) {
    return key.dependsOnIssuer() ? index.issuerFault(key, now, ip) : null;
  }

  @Override
  public DecidedBy decidedBy(DecisionCode code) {
    return entry().decidedBy(code, endedBy());
  }

  @Override
  public @Nullable DecidedBy endedBy() {
    if (generation == key.generation()) {
      return null;
    }
    return ending == null ? entry().provenance().ending() : ending;
  }

  @Override
  public String toString() {
    return "FoundKey[" + view().keyId() + ", " + generation + "]";
  }

  private KeyEntry entry() {
    KeyEntry known = entry;
    if (known == null) {
      known = key.entry();
      entry = known;
    }
    return known;
  }
}
