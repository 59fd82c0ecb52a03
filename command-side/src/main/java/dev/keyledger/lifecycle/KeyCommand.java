package dev.keyledger.lifecycle;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.verification.decision.IpAllowList;
import dev.keyledger.verification.decision.Permission;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An order about one key. Ids, digests and the time arrive in it; no secret ever does. */
public sealed interface KeyCommand {
  KeyId keyId();

  Circumstances circumstances();

  /** Makes a key that does not exist yet. */
  sealed interface BeginKey extends KeyCommand {}

  /** Is about a key that exists. */
  sealed interface ChangeKey extends KeyCommand {}

  /** Make a key whose secret is stored as said. */
  record IssueKey(
      KeyId keyId, Circumstances circumstances, KeySpecification key, StoredSecret secret)
      implements BeginKey {}

  /** Take in a key whose secret was made elsewhere. */
  record ImportKey(
      KeyId keyId, Circumstances circumstances, KeySpecification key, StoredSecret secret)
      implements BeginKey {

    /** The same after so many others that were taken in together with it. */
    public ImportKey after(long others) {
      return new ImportKey(keyId, circumstances.withMoreKeys(others), key, secret);
    }
  }

  /**
   * Give a key another expiry.
   *
   * @param allowShorter whether it may be an earlier one
   */
  record RenewKey(
      KeyId keyId, Circumstances circumstances, RequestedExpiry expiry, boolean allowShorter)
      implements ChangeKey {}

  /**
   * Give a key another secret.
   *
   * @param overlap how long the present secret lives on; null: as the policy says
   * @param closeOverlap whether an overlap that is still open ends now
   */
  record RotateKey(
      KeyId keyId,
      Circumstances circumstances,
      StoredSecret secret,
      @Nullable Duration overlap,
      boolean closeOverlap)
      implements ChangeKey {}

  /** End the overlap now. */
  record RetireSecret(KeyId keyId, Circumstances circumstances) implements ChangeKey {}

  /** Put a key out of use until it is resumed. */
  record SuspendKey(KeyId keyId, Circumstances circumstances) implements ChangeKey {}

  /** Put a suspended key into use again. */
  record ResumeKey(KeyId keyId, Circumstances circumstances) implements ChangeKey {}

  /** Put a key out of use for ever. */
  record RevokeKey(KeyId keyId, Circumstances circumstances, RevocationReason reason)
      implements ChangeKey {}

  /**
   * Put one secret of a key out of use because it has become known: the key with it if it is the
   * current one.
   *
   * @param generation the number of the secret
   */
  record ReportLeak(KeyId keyId, Circumstances circumstances, int generation)
      implements ChangeKey {}

  /**
   * Put one secret of a key out of use because its holder wants it: the key with it if it is the
   * current one.
   *
   * @param generation the number of the secret
   */
  record GiveUpSecret(KeyId keyId, Circumstances circumstances, int generation)
      implements ChangeKey {}

  /** Let a key hold exactly these permissions. */
  record ChangePermissions(KeyId keyId, Circumstances circumstances, List<Permission> permissions)
      implements ChangeKey {}

  /** Let a key be good from exactly these addresses. */
  record RestrictKey(KeyId keyId, Circumstances circumstances, IpAllowList ipAllowList)
      implements ChangeKey {}

  /**
   * Describe a key otherwise.
   *
   * @param name null: as before
   * @param metadata null: as before
   */
  record DescribeKey(
      KeyId keyId, Circumstances circumstances, @Nullable KeyName name, @Nullable Metadata metadata)
      implements ChangeKey {}

  /** Hand a key to another owner. */
  record TransferKey(KeyId keyId, Circumstances circumstances, Owner owner) implements ChangeKey {}
}
