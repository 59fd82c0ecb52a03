package dev.keyledger.verification.decision;

import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key and the secret by which it was found: the facts that a decision needs. Immutable;
 * thread-safe.
 */
public interface PresentedKey {
  /** Returns the whole key. */
  KeyView view();

  KeyId keyId();

  /** Returns the tenant that the key belongs to. */
  String workspace();

  Owner owner();

  Environment environment();

  /** Returns the permissions that the key holds. */
  PermissionSet permissions();

  /** Returns the addresses from which the key may be used. */
  IpAllowList ipAllowList();

  /** Returns the first instant at which the key is no longer valid; null if it never expires. */
  @Nullable Instant expiresAt();

  /** Returns the first instant at which the key can no longer be renewed; null if there is none. */
  @Nullable Instant renewableUntil();

  /** Returns the generation of the presented secret, 1 or more. */
  int generation();

  boolean isRevoked();

  boolean isSuspended();

  boolean isNotYetActiveAt(Instant now);

  boolean isExpiredAt(Instant now);

  /** Returns whether the presented secret is current or still in its overlap at that time. */
  boolean isAlive(Instant now);

  /** Returns the event behind a decision on this key. */
  DecidedBy decidedBy(DecisionCode code);

  /**
   * Returns the event that ended the presented secret or set the end of its overlap; null if there
   * is none.
   */
  @Nullable DecidedBy endedBy();

  /** Returns the slot of the key in the index, fixed for the lifetime of the process. */
  int slot();
}
