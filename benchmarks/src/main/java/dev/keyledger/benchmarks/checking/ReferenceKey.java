package dev.keyledger.benchmarks.checking;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable key with only what the conditions of a check read: presented by its first secret,
 * without plans and issuers.
 */
record ReferenceKey(
    String workspace,
    Environment environment,
    PermissionSet permissions,
    IpAllowList ipAllowList,
    boolean revoked,
    @Nullable Instant expiresAt)
    implements PresentedKey {

  private static final PermissionSet PERMISSIONS =
      PermissionSet.of(List.of("read:orders", "write:orders"));
  private static final IpAllowList ANYWHERE = IpAllowList.parse(List.of());

  /** Returns the key after its events, all of a seeded log. */
  static ReferenceKey of(List<LoggedEvent> events) {
    KeyView view = KeyView.fold(events);
    if (view == null) {
      throw new IllegalArgumentException("there are no events");
    }
    return new ReferenceKey(
        events.getFirst().workspace(),
        view.facts().environment(),
        PERMISSIONS,
        ANYWHERE,
        view.state() instanceof KeyState.Revoked,
        view.facts().validity().expiresAt());
  }

  @Override
  public boolean isRevokedAt(Instant now) {
    return revoked;
  }

  @Override
  public boolean isSuspendedAt(Instant now) {
    return false;
  }

  @Override
  public boolean isNotYetActiveAt(Instant now) {
    return false;
  }

  @Override
  public boolean isExpiredAt(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  @Override
  public boolean isAlive(Instant now) {
    return true;
  }

  @Override
  public boolean dependsOnIssuer() {
    return false;
  }

  @Override
  public @Nullable DecidedBy issuerFault(Instant now, @Nullable String ip) {
    return null;
  }

  @Override
  public KeyView view() {
    throw unused();
  }

  @Override
  public KeyId keyId() {
    throw unused();
  }

  @Override
  public Owner owner() {
    throw unused();
  }

  @Override
  public @Nullable Instant renewableUntil() {
    throw unused();
  }

  @Override
  public int generation() {
    throw unused();
  }

  @Override
  public int currentGeneration() {
    throw unused();
  }

  @Override
  public boolean hasOverlapAt(Instant now) {
    throw unused();
  }

  @Override
  public @Nullable Instant overlapEndsAt(Instant now) {
    throw unused();
  }

  @Override
  public boolean isRenewalDueAt(Instant now) {
    throw unused();
  }

  @Override
  public DecidedBy decidedBy(DecisionCode code) {
    throw unused();
  }

  @Override
  public @Nullable DecidedBy endedBy() {
    throw unused();
  }

  @Override
  public int slot() {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("no condition of a check reads this");
  }
}
