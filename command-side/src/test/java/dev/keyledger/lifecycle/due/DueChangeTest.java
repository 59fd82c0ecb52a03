package dev.keyledger.lifecycle.due;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.lifecycle.KeyDecider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DueChangeTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static final Instant END = NOW.plus(Duration.ofDays(90));
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration DAY = Duration.ofDays(1);
  private static final KeyId KEY = KeyId.of(NOW.toEpochMilli(), 1, 2);
  private static final Owner OWNER = new Owner(OwnerType.APP, "billing");
  private static final StoredSecret SECRET = new StoredSecret(new Digest(1, 2, 3, 4), 1, null);

  @Test
  void aKeyIsDueAtItsFirstReminder() {
    assertThat(of(issued(END), Instant.EPOCH))
        .isEqualTo(new DueChange(KEY, "acme", END.minus(WEEK), 9));
    Instant later = END.plus(DAY);
    assertThat(of(new KeyRenewed(later, later, List.of(DAY)), Instant.EPOCH))
        .isEqualTo(new DueChange(KEY, "acme", END, 9));
    assertThat(of(new KeyRevoked(RevocationReason.POLICY), Instant.EPOCH))
        .isEqualTo(new DueChange(KEY, "acme", null, 9));
  }

  @Test
  void changesDueBeforeThisVersionStartedDoNotCount() {
    assertThat(dueAt(issued(END), END.minus(WEEK).minusNanos(1))).isEqualTo(END.minus(WEEK));
    assertThat(dueAt(issued(END), END.minus(WEEK))).isEqualTo(END.minus(DAY));
    assertThat(dueAt(issued(END), END.minusNanos(1))).isEqualTo(END);
    assertThat(DueChange.of(logged(issued(END)), END)).isEmpty();
    assertThat(dueAt(new PlanCancelled(), END)).isEqualTo(END);
  }

  @Test
  void changesDueBeforeTheEventDoNotCount() {
    assertThat(dueAt(issued(NOW.plus(WEEK)), Instant.EPOCH))
        .as("a reminder at the time of the issue")
        .isEqualTo(NOW.plus(WEEK).minus(DAY));
    assertThat(DueChange.of(logged(imported(NOW.minus(DAY), null)), Instant.EPOCH))
        .as("expired before it was imported")
        .isEmpty();
  }

  @Test
  void nothingElseChangesAnything() {
    for (LedgerEvent event :
        List.of(
            imported(END, NOW),
            issued(null),
            new KeyRenewed(null, null, List.of()),
            new KeySuspended(),
            new ExpiryApproaching(DAY, END),
            new KeyExpired(END),
            new KeyRotated(2, SECRET, END, null, DAY),
            new OverlapStarted(2, END, true),
            new RotationCompleted(2, true),
            new WorkspaceClosed())) {
      assertThat(DueChange.of(logged(event), Instant.EPOCH)).as(event.toString()).isEmpty();
    }
  }

  @Test
  void aPlanIsDueWhenItsTimeHasCome() {
    Instant recorded = END.plus(KeyDecider.PLAN_RECORDED_AFTER);
    assertThat(dueAt(new RevocationPlanned(END, RevocationReason.POLICY), Instant.EPOCH))
        .isEqualTo(recorded);
    assertThat(dueAt(new SuspensionPlanned(END), Instant.EPOCH)).isEqualTo(recorded);
    assertThat(dueAt(new PlanCancelled(), Instant.EPOCH)).as("reminders may be due").isEqualTo(NOW);
  }

  /**
   * Checks that a change only brings the due time forward: several changes may be due of a key, and
   * only the sweep knows them all.
   */
  @Test
  void aLaterChangeBringsTheDueTimeForwardOnlyOrRemovesTheKey() {
    DueChange plan = of(new SuspensionPlanned(END.minus(WEEK)), Instant.EPOCH);
    DueChange renewal = of(new KeyRenewed(END, END, List.of()), Instant.EPOCH);
    assertThat(plan.then(renewal).dueAt()).isEqualTo(plan.dueAt());
    assertThat(renewal.then(plan).dueAt()).isEqualTo(plan.dueAt());
    assertThat(plan.then(of(new KeyRevoked(RevocationReason.POLICY), Instant.EPOCH)).dueAt())
        .isNull();
  }

  @Test
  void aRotationIsDueWhenItsOverlapEndsOrBeginsAtTheLatest() {
    assertThat(rotation(new KeyRotated(2, SECRET, END, null, DAY)))
        .isEqualTo(new DueChange(KEY, "acme", END, 9));
    assertThat(rotation(new KeyRotated(2, SECRET, END, WEEK, DAY)))
        .isEqualTo(new DueChange(KEY, "acme", END.minus(WEEK), 9));
    assertThat(rotation(new SecretRetired(1))).isEqualTo(new DueChange(KEY, "acme", NOW, 9));
    assertThat(rotation(new KeyRevoked(RevocationReason.POLICY)))
        .isEqualTo(new DueChange(KEY, "acme", null, 9));
    assertThat(rotation(new KeyRotated(2, SECRET, END))).as("of an earlier version").isNull();
    assertThat(rotation(new OverlapStarted(2, END, true))).isNull();
    assertThat(rotation(new RotationCompleted(2, true))).isNull();
  }

  private static @Nullable DueChange rotation(LedgerEvent event) {
    return DueChange.ofRotation(logged(event)).orElse(null);
  }

  private static @Nullable Instant dueAt(LedgerEvent event, Instant since) {
    return of(event, since).dueAt();
  }

  private static DueChange of(LedgerEvent event, Instant since) {
    return DueChange.of(logged(event), since).orElseThrow();
  }

  private static LoggedEvent logged(LedgerEvent event) {
    return new LoggedEvent(
        9, StreamId.of(KEY), 0, "acme", NOW, Actor.ROOT, "request", event, EventContext.NONE);
  }

  private static KeyIssued issued(@Nullable Instant expiresAt) {
    return new KeyIssued(
        "Billing",
        OWNER,
        Environment.LIVE,
        SECRET,
        List.of(),
        null,
        expiresAt,
        expiresAt,
        expiresAt == null ? List.of() : List.of(WEEK, DAY),
        List.of(),
        Map.of());
  }

  private static KeyImported imported(Instant expiresAt, @Nullable Instant revokedAt) {
    return new KeyImported(
        "Billing",
        OWNER,
        Environment.LIVE,
        SECRET,
        List.of(),
        null,
        expiresAt,
        expiresAt,
        List.of(),
        List.of(),
        Map.of(),
        null,
        revokedAt,
        revokedAt == null ? null : RevocationReason.POLICY);
  }
}
