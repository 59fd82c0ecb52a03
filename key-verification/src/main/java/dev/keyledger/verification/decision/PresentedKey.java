package dev.keyledger.verification.decision;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.PermissionSet;
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

  /** Returns the generation of the current secret, 1 or more. */
  int currentGeneration();

  /** Returns whether the previous secret is still in its overlap at that time. */
  boolean hasOverlapAt(Instant now);

  /**
   * Returns the end of the previous secret's overlap; null if none is open at that time, or the
   * overlap waits for the first use of the current secret.
   */
  @Nullable Instant overlapEndsAt(Instant now);

  /** Returns whether the first reminder of the expiry is due, so that the holder should renew. */
  boolean isRenewalDueAt(Instant now);

  /** Returns whether the key is revoked, by an event or by a plan that is in effect. */
  boolean isRevokedAt(Instant now);

  /** Returns whether the key is suspended, by an event or by a plan that is in effect. */
  boolean isSuspendedAt(Instant now);

  boolean isNotYetActiveAt(Instant now);

  boolean isExpiredAt(Instant now);

  /** Returns whether the presented secret is current or still in its overlap at that time. */
  boolean isAlive(Instant now);

  /**
   * Returns whether it is an operator's key that another operator issued, so that it is valid only
   * while its issuer is, unless the policy of its workspace says otherwise.
   */
  boolean dependsOnIssuer();

  /**
   * Returns the event that makes an issuer of this key invalid: its own issuer, or any before that
   * one.
   *
   * @param ip the address that the key is used from; null if unknown
   * @return null if all of them are valid and may be used from there, or the key does not depend on
   *     them
   */
  @Nullable DecidedBy issuerFault(Instant now, @Nullable String ip);

  /**
   * Returns the event behind a decision on this key.
   *
   * @throws IllegalArgumentException if this key alone does not decide the code
   */
  DecidedBy decidedBy(DecisionCode code);

  /**
   * Returns the event that ended the presented secret or set the end of its overlap; null if there
   * is none.
   */
  @Nullable DecidedBy endedBy();

  /** Returns the slot of the key in the index, fixed for the lifetime of the process. */
  int slot();
}
