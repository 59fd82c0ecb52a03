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

  /** Makes a key that does not exist yet. */
  sealed interface BeginKey extends KeyCommand {}

  /** Is about a key that exists. */
  sealed interface ChangeKey extends KeyCommand {}

  /** Changes a key that lives on: for an open workspace, and as long as the history has room. */
  sealed interface AmendKey extends ChangeKey {}

  /** Ends a key or one of its secrets: never refused because of the workspace or the history. */
  sealed interface EndKey extends ChangeKey {}

  /**
   * Record what is due of a key and not recorded yet: reminders, how far its rotation is, and what
   * a plan has made of it. For an open workspace; it makes no history full. No caller sends it.
   *
   * @param from the first time that counts, inclusive: what was due before is recorded or never
   *     will be
   * @param recorded the reminders that are recorded of the key
   * @param lastUse the last uses of the key; null: none is known
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

    /** Returns the same command with what is recorded of the key, and known of its uses. */
    public RecordDue knowing(Collection<Reminded> rows, @Nullable LastUse use) {
      return new RecordDue(
          keyId,
          context,
          from,
          rows.stream().map(Reminded::reminder).collect(Collectors.toUnmodifiableSet()),
          use);
    }
  }

  /** Make a key whose secret is stored as said. */
  record IssueKey(KeyId keyId, CommandContext context, KeySpecification key, StoredSecret secret)
      implements BeginKey {}

  /**
   * Import a key whose secret was made elsewhere. Its expiry may have passed.
   *
   * @param past what happened to it there
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
      /** Nothing is known. */
      public static final Past NONE = new Past(null, null, null);

      /**
       * @throws IllegalArgumentException if only one of the two about a revocation is given
       */
      public Past {
        if ((revokedAt == null) != (revocationReason == null)) {
          throw new IllegalArgumentException("a revocation has a time and a reason");
        }
      }
    }

    /** Returns the same command after so many others were imported together with it. */
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
   * @param overlap how long the present secret lives on; null: as the policy says
   * @param closeOverlap whether an overlap that is still open ends now
   * @param expiry the new expiry, with which an expired key is rotated too, without an overlap;
   *     null: as before
   * @param fromFirstUse whether the overlap begins when the new secret is first used, not now
   * @param lastUse the last uses of the key; null: none is known, or no rotation is incomplete
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

  /** Put a key out of use until it is resumed. */
  record SuspendKey(KeyId keyId, CommandContext context) implements AmendKey {}

  /** Put a key out of use from a time on, until it is resumed. */
  record PlanSuspension(KeyId keyId, CommandContext context, Instant effectiveAt)
      implements AmendKey {}

  /** Put a suspended key into use again. */
  record ResumeKey(KeyId keyId, CommandContext context) implements AmendKey {}

  /** Put a key out of use for ever. */
  record RevokeKey(KeyId keyId, CommandContext context, RevocationReason reason)
      implements EndKey {}

  /** Put a key out of use for ever from a time on. */
  record PlanRevocation(
      KeyId keyId, CommandContext context, Instant effectiveAt, RevocationReason reason)
      implements AmendKey {}

  /** Drop what is planned for a key. */
  record CancelPlan(KeyId keyId, CommandContext context) implements AmendKey {}

  /**
   * Put one secret of a key out of use because it has become known: the key with it if it is the
   * current one.
   *
   * @param generation the number of the secret
   */
  record ReportLeak(KeyId keyId, CommandContext context, int generation) implements EndKey {}

  /**
   * Put one secret of a key out of use because its holder wants it: the key with it if it is the
   * current one.
   *
   * @param generation the number of the secret
   * @param reason why, if the key ends with it
   */
  record GiveUpSecret(KeyId keyId, CommandContext context, int generation, RevocationReason reason)
      implements EndKey {}

  /** Let a key hold exactly these permissions. */
  record ChangePermissions(KeyId keyId, CommandContext context, List<Permission> permissions)
      implements AmendKey {}

  /** Let a key be good from exactly these addresses. */
  record RestrictKey(KeyId keyId, CommandContext context, IpAllowList ipAllowList)
      implements AmendKey {}

  /**
   * Describe a key otherwise.
   *
   * @param name null: as before
   * @param metadata null: as before
   */
  record DescribeKey(
      KeyId keyId, CommandContext context, @Nullable KeyName name, @Nullable Metadata metadata)
      implements AmendKey {}

  /** Hand a key to another owner. */
  record TransferKey(KeyId keyId, CommandContext context, Owner owner) implements AmendKey {}
}
