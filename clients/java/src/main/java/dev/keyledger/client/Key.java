package dev.keyledger.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A key, without its secret.
 *
 * @param ipAllowList addresses and CIDR ranges from which it may be used; empty: any
 * @param metadata empty for the holder, who does not see it
 * @param secretHint prefix and last characters of the secret; null if none is known
 * @param generation the generation of the current secret, 1 or more
 * @param overlapEndsAt the end of the previous secret; null if it has passed, or while the overlap
 *     waits for the first use of the current secret
 * @param secrets the current secret and, in its overlap, the previous one
 * @param notBefore the first instant at which it is valid; null: from the start
 * @param expiresAt the first instant at which it is no longer valid; null if it never expires
 * @param renewableUntil the first instant at which it can no longer be renewed; null if never
 * @param nextReminderAt the time of the next reminder of its expiry; null if there will be none
 * @param revokedAt null unless it is revoked
 * @param planned the revocation or suspension that is planned; null if there is none
 * @param lastUsedAt the minute of its last use; null if unknown, as after commands
 * @param issuedBy null for the holder, who does not see it
 * @param version the number of events that commands have added to it
 * @param notAppliedBy the nodes that had not applied a command when the wait for it ended; empty if
 *     all had, or the call did not wait
 */
public record Key(
    String keyId,
    String name,
    String workspace,
    Owner owner,
    Environment environment,
    Status status,
    List<String> permissions,
    List<String> ipAllowList,
    Map<String, String> metadata,
    @Nullable String secretHint,
    int generation,
    @Nullable Instant overlapEndsAt,
    List<SecretInfo> secrets,
    Instant createdAt,
    @Nullable Instant notBefore,
    @Nullable Instant expiresAt,
    @Nullable Instant renewableUntil,
    @Nullable Instant nextReminderAt,
    @Nullable Instant revokedAt,
    @Nullable RevocationReason revocationReason,
    @Nullable Planned planned,
    @Nullable Instant lastUsedAt,
    @Nullable Actor issuedBy,
    long version,
    List<Node> notAppliedBy) {

  /** The status of a key at a time: the first that applies. */
  public enum Status {
    REVOKED,
    SUSPENDED,
    NOT_YET_ACTIVE,
    EXPIRED,
    ACTIVE,
    /** A status that this version of the client does not know. */
    OTHER
  }

  /**
   * A secret of the key.
   *
   * @param lastUsedAt the minute of its last use; null if unknown
   * @param endsAt the end of its overlap; null for the current secret, or if it is not yet known
   */
  public record SecretInfo(
      int generation,
      @Nullable String secretHint,
      @Nullable Instant lastUsedAt,
      @Nullable Instant endsAt) {
    static SecretInfo of(Fields fields) {
      return new SecretInfo(
          (int) fields.number("generation"),
          fields.optionalText("secretHint"),
          fields.optionalTime("lastUsedAt"),
          fields.optionalTime("endsAt"));
    }
  }

  /**
   * A planned revocation or suspension of a key.
   *
   * @param revokes whether it is a revocation, not a suspension
   * @param effectiveAt the first instant at which it is in effect
   * @param reason of a revocation; null for a suspension
   */
  public record Planned(boolean revokes, Instant effectiveAt, @Nullable RevocationReason reason) {
    static Planned of(Fields fields) {
      return new Planned(
          !fields.text("command").equals("suspend"),
          fields.time("effectiveAt"),
          fields.optionalConstant("revocationReason", RevocationReason.OTHER));
    }
  }

  static Key of(Fields fields) {
    return new Key(
        fields.text("keyId"),
        fields.text("name"),
        fields.text("workspace"),
        Owner.of(fields.required("owner")),
        fields.constant("environment", Environment.LIVE),
        fields.constant("status", Status.OTHER),
        fields.texts("permissions"),
        fields.texts("ipAllowList"),
        fields.textMap("metadata"),
        fields.optionalText("secretHint"),
        (int) fields.number("generation"),
        fields.optionalTime("overlapEndsAt"),
        fields.objects("secrets", SecretInfo::of),
        fields.time("createdAt"),
        fields.optionalTime("notBefore"),
        fields.optionalTime("expiresAt"),
        fields.optionalTime("renewableUntil"),
        fields.optionalTime("nextReminderAt"),
        fields.optionalTime("revokedAt"),
        fields.optionalConstant("revocationReason", RevocationReason.OTHER),
        fields.object("planned", Planned::of),
        fields.optionalTime("lastUsedAt"),
        fields.object("issuedBy", Actor::of),
        fields.number("version"),
        fields.objects("notAppliedBy", Node::of));
  }
}
