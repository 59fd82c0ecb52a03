package dev.keyledger.lifecycle;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.log.KeySideRows.Reminded;
import dev.keyledger.log.LastUse;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An order about one key. Ids, digests and the time arrive in it. */
public sealed interface KeyCommand extends LedgerCommand<KeyDecision> {
  KeyId keyId();

  CommandContext context();

  @Override
  default long workspacesKnown() {
    return context().workspacesKnown();
  }

  /** A command that creates a key. */
  sealed interface BeginKey extends KeyCommand {}

  /** A command on an existing key. */
  sealed interface ChangeKey extends KeyCommand {}

  /**
   * A command that changes a key without ending it: for an open workspace, and as long as the
   * history has room.
   */
  sealed interface AmendKey extends ChangeKey {}

  /**
   * A command that ends a key or one of its secrets: never refused because of the workspace or the
   * history.
   */
  sealed interface EndKey extends ChangeKey {}

  /**
   * Record the due changes of a key: reminders, the progress of its rotation, and the effect of a
   * plan. For an open workspace; it never exhausts the history. No caller sends it.
   *
   * @param from the earliest due time, inclusive: anything due before is recorded or never will be
   * @param recorded the reminders that are recorded of the key
   * @param lastUse the last uses of the key; null: none is recorded
   */
  record RecordDue(
      KeyId keyId,
      CommandContext context,
      Instant from,
      Set<KeyEvent.RemindsOfExpiry> recorded,
      @Nullable LastUse lastUse)
      implements ChangeKey {
    public RecordDue {
      recorded = Set.copyOf(recorded);
    }

    /** Returns the same command with the recorded reminders and the last uses of the key. */
    public RecordDue knowing(Collection<Reminded> rows, @Nullable LastUse use) {
      return new RecordDue(
          keyId,
          context,
          from,
          rows.stream().map(Reminded::reminder).collect(Collectors.toUnmodifiableSet()),
          use);
    }
  }

  /** Issue a key with the given secret. */
  record IssueKey(KeyId keyId, CommandContext context, KeySpecification key, StoredSecret secret)
      implements BeginKey {}

  /**
   * Import a key whose secret was made elsewhere. Its expiry may have passed.
   *
   * @param past its history there
   */
  record ImportKey(
      KeyId keyId, CommandContext context, KeySpecification key, StoredSecret secret, Past past)
      implements BeginKey {

    /**
     * The history of a key before its import.
     *
     * @param createdAt its creation; null: unknown
     * @param revokedAt its revocation; null: it was not revoked
     * @param revocationReason the reason of its revocation; null: it was not revoked
     */
    public record Past(
        @Nullable Instant createdAt,
        @Nullable Instant revokedAt,
        @Nullable RevocationReason revocationReason) {
      /** The history of a key of which nothing is known. */
      public static final Past NONE = new Past(null, null, null);

      /**
       * @throws IllegalArgumentException if only one of the revocation's time and reason is given
       */
      public Past {
        if ((revokedAt == null) != (revocationReason == null)) {
          throw new IllegalArgumentException("a revocation has a time and a reason");
        }
      }
    }

    /** Returns the same command, with that many keys imported before it in the same batch. */
    public ImportKey after(long others) {
      return new ImportKey(keyId, context.withMoreKeys(others), key, secret, past);
    }

    /** Returns whether the key counts towards the quota of its workspace. */
    public boolean counts() {
      return past.revokedAt() == null;
    }
  }

  /**
   * Give a key another expiry.
   *
   * @param allowShorter whether it may be an earlier one
   */
  record RenewKey(KeyId keyId, CommandContext context, RequestedExpiry expiry, boolean allowShorter)
      implements AmendKey {}

  /**
   * Give a key another secret.
   *
   * @param overlap the time for which the present secret stays valid; null: by the policy
   * @param closeOverlap whether an overlap that is still open ends now
   * @param expiry the new expiry, which also allows the rotation of an expired key, without an
   *     overlap; null: unchanged
   * @param fromFirstUse whether the overlap begins when the new secret is first used, not now
   * @param lastUse the last uses of the key; null: none is recorded, or no rotation is incomplete
   */
  record RotateKey(
      KeyId keyId,
      CommandContext context,
      StoredSecret secret,
      @Nullable Duration overlap,
      boolean closeOverlap,
      @Nullable RequestedExpiry expiry,
      boolean fromFirstUse,
      @Nullable LastUse lastUse)
      implements AmendKey {}

  /** End the overlap now. */
  record RetireSecret(KeyId keyId, CommandContext context) implements AmendKey {}

  /** Suspend a key until it is resumed. */
  record SuspendKey(KeyId keyId, CommandContext context) implements AmendKey {}

  /** Suspend a key from a time on, until it is resumed. */
  record PlanSuspension(KeyId keyId, CommandContext context, Instant effectiveAt)
      implements AmendKey {}

  /** Resume a suspended key. */
  record ResumeKey(KeyId keyId, CommandContext context) implements AmendKey {}

  /** Revoke a key permanently. */
  record RevokeKey(KeyId keyId, CommandContext context, RevocationReason reason)
      implements EndKey {}

  /** Revoke a key permanently from a time on. */
  record PlanRevocation(
      KeyId keyId, CommandContext context, Instant effectiveAt, RevocationReason reason)
      implements AmendKey {}

  /** Cancel the plan of a key. */
  record CancelPlan(KeyId keyId, CommandContext context) implements AmendKey {}

  /**
   * Revoke one secret of a key because it has leaked; revokes the whole key if the secret is the
   * current one.
   *
   * @param generation the number of the secret
   */
  record ReportLeak(KeyId keyId, CommandContext context, int generation) implements EndKey {}

  /**
   * Revoke one secret of a key at its holder's request; revokes the whole key if the secret is the
   * current one.
   *
   * @param generation the number of the secret
   * @param reason the reason, if the key is revoked
   */
  record GiveUpSecret(KeyId keyId, CommandContext context, int generation, RevocationReason reason)
      implements EndKey {}

  /** Replace the permissions of a key. */
  record ChangePermissions(KeyId keyId, CommandContext context, List<Permission> permissions)
      implements AmendKey {}

  /** Replace the addresses from which a key may be used. */
  record RestrictKey(KeyId keyId, CommandContext context, IpAllowList ipAllowList)
      implements AmendKey {}

  /**
   * Change the description of a key.
   *
   * @param name null: unchanged
   * @param metadata null: unchanged
   */
  record DescribeKey(
      KeyId keyId, CommandContext context, @Nullable KeyName name, @Nullable Metadata metadata)
      implements AmendKey {}

  /** Transfer a key to another owner. */
  record TransferKey(KeyId keyId, CommandContext context, Owner owner) implements AmendKey {}
}
