package dev.keyledger.verification;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key as it stood when it was found by one of its secrets. Thread-safe.
 *
 * <p>What a check needs is at hand; the view is made when it is first asked for.
 */
public final class FoundKey {
  private final int slot;
  private final PackedKey key;
  private final int generation;
  private final @Nullable DecidedBy ending;

  // Whichever thread's is kept: they are equal, and immutable.
  private @Nullable KeyEntry entry;

  /**
   * @param slot where the index keeps the key, for as long as the process lives
   * @param generation the number of the secret that found it
   * @param ending what ended that secret; null if it is the current one or the one before
   */
  FoundKey(int slot, PackedKey key, int generation, @Nullable DecidedBy ending) {
    this.slot = slot;
    this.key = key;
    this.generation = generation;
    this.ending = ending;
  }

  /** All of it. */
  public KeyView view() {
    return entry().view();
  }

  /** Its public name. */
  public KeyId keyId() {
    return key.keyId();
  }

  /** The tenant that it belongs to. */
  public String workspace() {
    return key.workspace();
  }

  /** Whom it was issued to. */
  public Owner owner() {
    return key.owner();
  }

  /** The first instant at which it is good no longer; null: without end. */
  public @Nullable Instant expiresAt() {
    return key.expiresAt();
  }

  /** The first instant at which it cannot be renewed any more; null: without end. */
  public @Nullable Instant renewableUntil() {
    return key.renewableUntil();
  }

  /** The number of the secret that it was found by. */
  public int generation() {
    return generation;
  }

  /** The permissions that it holds, ready to be asked. */
  public PermissionSet permissions() {
    return key.permissions();
  }

  /** The addresses that it is good from, ready to be asked. */
  public IpAllowList ipAllowList() {
    return key.ipAllowList();
  }

  int slot() {
    return slot;
  }

  PackedKey key() {
    return key;
  }

  /** Whether the secret that it was found by is good at that time, as far as rotations decide. */
  boolean isAlive(Instant now) {
    return generation == key.generation()
        || (generation == key.generation() - 1 && key.previousAliveAt(now) != null);
  }

  /** The event behind a decision on this key. */
  DecidedBy decidedBy(DecisionCode code) {
    return entry().decidedBy(code, endedBy());
  }

  /** What ended the secret that it was found by or set the end of its overlap; null: nothing. */
  @Nullable DecidedBy endedBy() {
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
