package dev.keyledger.access;

import static dev.keyledger.events.HolderAction.RENEW;
import static dev.keyledger.events.HolderAction.RENEW_EXPIRED;
import static dev.keyledger.events.HolderAction.ROTATE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HolderTest {
  private static final List<HolderAction> EVERYTHING = List.of(RENEW, RENEW_EXPIRED, ROTATE);
  private static final Instant EXPIRY = Instant.parse("2027-03-01T00:00:00Z");
  private static final Instant ALIVE = EXPIRY.minusNanos(1);

  @Test
  void aLivingKeyMayWhatThePolicyAllows() {
    KeyView key = key(List.of("read:users", "*"));
    assertThat(Holder.may(key, List.of(), ALIVE)).isEmpty();
    assertThat(Holder.may(key, EVERYTHING, ALIVE)).containsExactly(RENEW, ROTATE);
    assertThat(Holder.may(key, List.of(RENEW_EXPIRED), ALIVE)).isEmpty();
  }

  @Test
  void anExpiredKeyIsNotRenewedByTheRuleForLivingOnes() {
    KeyView key = key(List.of("keyledger:self:*"));
    assertThat(Holder.may(key, List.of(), EXPIRY)).isEmpty();
    assertThat(Holder.may(key, EVERYTHING, EXPIRY)).containsExactly(RENEW_EXPIRED, ROTATE);
    assertThat(Holder.may(key, List.of(RENEW), EXPIRY)).isEmpty();
  }

  @Test
  void anExpiredKeyIsNotRotatedByWhoMayNotRenewIt() {
    KeyView key = key(List.of());
    assertThat(Holder.allowed(key, List.of(ROTATE), EXPIRY)).containsExactly(ROTATE);
    assertThat(Holder.may(key, List.of(ROTATE), EXPIRY)).isEmpty();
  }

  @Test
  void aKeyIsNotRotatedDuringAnOverlap() {
    Instant overlapEnds = ALIVE.minusSeconds(60);
    KeyView key =
        key(
            List.of(),
            new KeyRotated(2, new StoredSecret(new Digest(5, 6, 7, 8), 1, null), overlapEnds));
    assertThat(Holder.allowed(key, List.of(ROTATE), overlapEnds.minusNanos(1)))
        .containsExactly(ROTATE);
    assertThat(Holder.may(key, List.of(ROTATE), overlapEnds.minusNanos(1))).isEmpty();
    assertThat(Holder.may(key, List.of(ROTATE), overlapEnds)).containsExactly(ROTATE);
  }

  @Test
  void aKeyMayWhatItHolds() {
    assertThat(Holder.may(key(List.of("keyledger:self:renew")), List.of(), ALIVE))
        .containsExactly(RENEW);
    assertThat(Holder.may(key(List.of("keyledger:self:rotate")), List.of(RENEW), ALIVE))
        .containsExactly(RENEW, ROTATE);
  }

  @Test
  void thePolicySaysNothingAboutOperators() {
    assertThat(Holder.may(key(List.of("keyledger:keys:read")), EVERYTHING, ALIVE)).isEmpty();
    assertThat(Holder.may(key(List.of("keyledger:keys:read")), EVERYTHING, EXPIRY)).isEmpty();
    assertThat(Holder.may(key(List.of("keyledger:*")), List.of(), ALIVE))
        .containsExactly(RENEW, ROTATE);
  }

  @Test
  void aSuspendedOrRevokedKeyMayNothing() {
    List<String> self = List.of("keyledger:self:*");
    assertThat(Holder.may(key(self, new KeySuspended()), EVERYTHING, ALIVE)).isEmpty();
    assertThat(
            Holder.may(key(self, new KeyRevoked(RevocationReason.UNSPECIFIED)), EVERYTHING, ALIVE))
        .isEmpty();
  }

  private static KeyView key(List<String> permissions, KeyEvent... later) {
    var events = new ArrayList<KeyEvent>();
    events.add(
        new KeyIssued(
            "Billing",
            new Owner(OwnerType.APP, "billing"),
            Environment.LIVE,
            new StoredSecret(new Digest(1, 2, 3, 4), 1, null),
            permissions,
            null,
            EXPIRY,
            EXPIRY.plus(Duration.ofDays(30)),
            List.of(),
            List.of(),
            Map.of()));
    events.addAll(List.of(later));
    KeyView view = null;
    for (int i = 0; i < events.size(); i++) {
      var logged =
          new LoggedEvent(
              i + 1,
              StreamId.of(new KeyId("key_01k0000000000000000000000a")),
              i,
              "default",
              EXPIRY.minus(Duration.ofDays(90)),
              Actor.ROOT,
              "req",
              events.get(i),
              EventContext.NONE);
      view = KeyView.after(view, List.of(logged));
    }
    return requireNonNull(view);
  }
}
