package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fact in the life of one API key. The key's id is the id of the event's stream.
 *
 * <p>The nested types group the events by their effect. Readers switch on the largest group that
 * they treat alike, so that a new event of a known kind needs no change in them. Every event is in
 * exactly one of {@link BeginsKey}, {@link ChangesSecrets}, {@link ChangesState}, {@link
 * ChangesCondition}, {@link ChangesDetails} and {@link RecordsNote}. It is also in {@link
 * IntroducesSecret} or {@link NamesOwner} if it holds a secret or an owner.
 */
public sealed interface KeyEvent extends LedgerEvent {

  /**
   * Returns whether the event increments the key's {@code version}. Events of commands do; events
   * of timers do not.
   */
  default boolean movesVersion() {
    return true;
  }

  /** Introduces a secret that no key had before. */
  sealed interface IntroducesSecret extends KeyEvent permits BeginsKey, KeyRotated {
    StoredSecret secret();

    /** Returns the generation of the secret, 1 or more. */
    int generation();
  }

  /** Names the owner of the key from now on. */
  sealed interface NamesOwner extends KeyEvent permits BeginsKey, KeyTransferred {
    Owner owner();
  }

  /** The first event of a key, with all its initial data. */
  sealed interface BeginsKey extends IntroducesSecret, NamesOwner permits KeyIssued, KeyImported {
    String name();

    Environment environment();

    List<String> permissions();

    @Nullable Instant notBefore();

    @Nullable Instant expiresAt();

    @Nullable Instant renewableUntil();

    List<Duration> reminders();

    List<String> ipAllowList();

    Map<String, String> metadata();

    @Override
    default int generation() {
      return 1;
    }
  }

  /** Changes which secrets of the key are in use. */
  sealed interface ChangesSecrets extends KeyEvent
      permits KeyRotated, OverlapStarted, SecretRetired {}

  /** Changes the {@link KeyState}. */
  sealed interface ChangesState extends KeyEvent
      permits KeySuspended, KeyResumed, KeyRevoked, PlansState, PlanCancelled {}

  /** Plans a change of the {@link KeyState}, which takes place by the clock. */
  sealed interface PlansState extends ChangesState permits RevocationPlanned, SuspensionPlanned {
    /** Returns the plan. */
    Plan plan();
  }

  /** Changes one of the other conditions that a check depends on. */
  sealed interface ChangesCondition extends KeyEvent
      permits KeyRenewed, PermissionsChanged, RestrictionsChanged {}

  /** Changes facts about the key that no check depends on. */
  sealed interface ChangesDetails extends KeyEvent
      permits KeyDescribed, KeyTransferred, LeakReported {}

  /**
   * Records that something happened. Changes nothing that a check depends on, and of the facts at
   * most that a rotation is no longer followed.
   */
  sealed interface RecordsNote extends KeyEvent permits RemindsOfExpiry, RotationCompleted {}

  /**
   * Reminds of an expiry, or records that it has passed. A timer causes it, at most once for each
   * key, offset and expiry. It does not change the key's version.
   */
  sealed interface RemindsOfExpiry extends RecordsNote permits ExpiryApproaching, KeyExpired {
    /** Returns the time from the event to the expiry; zero at the expiry itself. */
    Duration offset();

    Instant expiresAt();

    /** Returns the time at which the event is due. */
    default Instant dueAt() {
      return expiresAt().minus(offset());
    }

    @Override
    default boolean movesVersion() {
      return false;
    }
  }
}
