package dev.keyledger.http;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.events.Environment;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.log.LastUse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key as its holder sees it: without the metadata of operators.
 *
 * @param renewalDue whether the first reminder of its expiry is due
 * @param holderMay the actions that its holder may take now
 */
public record SelfResource(
    String keyId,
    String name,
    String workspace,
    Owner owner,
    Environment environment,
    KeyStatus status,
    List<String> permissions,
    List<String> ipAllowList,
    @Nullable String secretHint,
    int generation,
    @Nullable Instant overlapEndsAt,
    List<SecretResource> secrets,
    Instant createdAt,
    @Nullable Instant notBefore,
    @Nullable Instant expiresAt,
    @Nullable Instant renewableUntil,
    @Nullable Instant nextReminderAt,
    @Nullable Instant revokedAt,
    @Nullable RevocationReason revocationReason,
    KeyResource.@Nullable Planned planned,
    @Nullable Instant lastUsedAt,
    long version,
    boolean renewalDue,
    List<HolderAction> holderMay) {

  /** Returns a key as of a time, without its last use. */
  public static SelfResource of(KeyView view, Instant now, List<HolderAction> holderMay) {
    return of(view, now, null, holderMay);
  }

  /**
   * Returns a key as of a time.
   *
   * @param used its last uses; null if there are none, or they are left out
   */
  public static SelfResource of(
      KeyView view, Instant now, @Nullable LastUse used, List<HolderAction> holderMay) {
    KeyResource key = KeyResource.of(view, now, used);
    return new SelfResource(
        key.keyId(),
        key.name(),
        key.workspace(),
        key.owner(),
        key.environment(),
        key.status(),
        key.permissions(),
        key.ipAllowList(),
        key.secretHint(),
        key.generation(),
        key.overlapEndsAt(),
        key.secrets(),
        key.createdAt(),
        key.notBefore(),
        key.expiresAt(),
        key.renewableUntil(),
        key.nextReminderAt(),
        key.revokedAt(),
        key.revocationReason(),
        key.planned(),
        key.lastUsedAt(),
        key.version(),
        view.state().at(now).remindedOf().isRenewalDueAt(now),
        holderMay);
  }

  /** A key with its new secret, for its holder. */
  @JsonPropertyOrder({"key", "secret"})
  public record WithSecret(@JsonUnwrapped SelfResource key, String secret) {
    /** Returns a text without the secret. */
    @Override
    public String toString() {
      return "WithSecret[key=" + key + ", secret=redacted]";
    }
  }
}
