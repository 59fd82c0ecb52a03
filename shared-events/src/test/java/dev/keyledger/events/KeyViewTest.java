package dev.keyledger.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The view of a key, folded from its events. */
@NullUnmarked
class KeyViewTest {
  static final Instant T0 = Instant.parse("2027-01-01T00:00:00Z");
  static final Instant EXPIRY = T0.plus(Duration.ofDays(90));
  static final KeyId KEY = KeyId.of(T0.toEpochMilli(), 1, 2);
  static final Actor OPERATOR = new Actor(ActorType.OPERATOR, "key_1");
  static final StoredSecret FIRST = new StoredSecret(new Digest(1, 2, 3, 4), 1, "kl_live_...abcd");
  static final StoredSecret SECOND = new StoredSecret(new Digest(5, 6, 7, 8), 2, null);
  static final StoredSecret THIRD = new StoredSecret(new Digest(9, 9, 9, 9), 2, null);

  @Test
  void isRevokedFromTheTimeOfAPlanOnWheneverThatIsRecorded() {
    Instant then = T0.plusSeconds(3);
    var plan = new RevocationPlanned(then, RevocationReason.SUPERSEDED);
    KeyView planned = after(issued(), plan);
    assertThat(planned.statusAt(then.minusNanos(1))).isEqualTo(KeyStatus.ACTIVE);
    assertThat(planned.at(then.minusNanos(1))).isEqualTo(planned);
    assertThat(planned.state().plan()).isEqualTo(new Plan(then, RevocationReason.SUPERSEDED));
    assertThat(planned.statusAt(then)).isEqualTo(KeyStatus.REVOKED);
    assertThat(planned.at(then).revokedAt()).isEqualTo(then);

    var effect = new KeyRevoked(RevocationReason.SUPERSEDED);
    KeyView recorded = after(issued(), plan, new LeakReported(1), effect);
    assertThat(recorded.revokedAt()).as("recorded a second later").isEqualTo(then);
    assertThat(recorded.state())
        .isEqualTo(planned.at(then).state().evolve(new LeakReported(1)).evolve(effect));
    assertThat(recorded.at(then)).isEqualTo(recorded);

    KeyView earlier =
        after(issued(), new RevocationPlanned(T0.plusSeconds(9), RevocationReason.POLICY), effect);
    assertThat(earlier.revokedAt()).as("before its time").isEqualTo(T0.plusSeconds(3));
  }

  @Test
  void isSuspendedFromTheTimeOfAPlanOnUntilResumed() {
    Instant then = T0.plusSeconds(3);
    KeyView planned = after(issued(), new SuspensionPlanned(then));
    assertThat(planned.statusAt(then.minusNanos(1))).isEqualTo(KeyStatus.ACTIVE);
    assertThat(planned.statusAt(then)).isEqualTo(KeyStatus.SUSPENDED);
    assertThat(planned.at(then).revokedAt()).isNull();
    assertThat(planned.at(then).state().plan()).isNull();
    assertThat(after(issued(), new SuspensionPlanned(then), new PlanCancelled()).statusAt(then))
        .isEqualTo(KeyStatus.ACTIVE);
    assertThat(
            after(issued(), new SuspensionPlanned(then), new KeySuspended(), new KeyResumed())
                .statusAt(then))
        .isEqualTo(KeyStatus.ACTIVE);
    assertThat(
            after(
                    issued(),
                    new RevocationPlanned(then, RevocationReason.POLICY),
                    new KeySuspended(),
                    new KeyResumed())
                .statusAt(then))
        .isEqualTo(KeyStatus.REVOKED);
  }

  @Test
  void startsWithTheDataOfTheEnvelope() {
    KeyView key = after(issued());
    assertThat(key.keyId()).isEqualTo(KEY);
    assertThat(key.workspace()).isEqualTo("default");
    assertThat(key.createdAt()).isEqualTo(T0.plusSeconds(1));
    assertThat(key.issuedBy()).isEqualTo(OPERATOR);
    assertThat(key.revokedAt()).isNull();
    assertThat(key.position()).isEqualTo(11);
    assertThat(key.sequence()).isZero();
    assertThat(key.facts().version()).isEqualTo(1);
    assertThat(key.facts().secrets().generation()).isEqualTo(1);
  }

  @Test
  void importsAndIssuesAlike() {
    KeyIssued issued = issued();
    var imported =
        new KeyImported(
            issued.name(),
            issued.owner(),
            issued.environment(),
            issued.secret(),
            issued.permissions(),
            issued.notBefore(),
            issued.expiresAt(),
            issued.renewableUntil(),
            issued.reminders(),
            issued.ipAllowList(),
            issued.metadata());
    assertThat(after(imported)).isEqualTo(after(issued));
  }

  @Test
  void showsTheTimesOfAnImportedKeysPast() {
    Instant created = T0.minusSeconds(9);
    Instant revoked = T0.minusSeconds(3);
    assertThat(after(imported(created, null, null)).createdAt()).isEqualTo(created);
    assertThat(after(imported(null, null, null)).createdAt()).isEqualTo(T0.plusSeconds(1));
    KeyView dead =
        after(imported(null, revoked, RevocationReason.COMPROMISED), new LeakReported(1));
    assertThat(dead.statusAt(T0)).isEqualTo(KeyStatus.REVOKED);
    assertThat(dead.revokedAt()).isEqualTo(revoked);
    assertThat(((KeyState.Revoked) dead.state()).reason()).isEqualTo(RevocationReason.COMPROMISED);
    assertThatIllegalArgumentException().isThrownBy(() -> imported(null, revoked, null));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> imported(null, null, RevocationReason.POLICY));
  }

  private static KeyImported imported(
      @Nullable Instant createdAt,
      @Nullable Instant revokedAt,
      @Nullable RevocationReason revocationReason) {
    KeyIssued issued = issued();
    return new KeyImported(
        issued.name(),
        issued.owner(),
        issued.environment(),
        issued.secret(),
        issued.permissions(),
        issued.notBefore(),
        issued.expiresAt(),
        issued.renewableUntil(),
        issued.reminders(),
        issued.ipAllowList(),
        issued.metadata(),
        createdAt,
        revokedAt,
        revocationReason);
  }

  @Test
  void theDueEventsOfAnExpiryAreItsRemindersAndItsEnd() {
    Instant end = T0.plus(Duration.ofDays(30));
    Duration week = Duration.ofDays(7);
    Duration day = Duration.ofDays(1);
    var validity = new Validity(null, end, null, List.of(week, day));
    var first = new ExpiryApproaching(week, end);
    var second = new ExpiryApproaching(day, end);
    var last = new KeyExpired(end);

    assertThat(validity.remindersDue(T0, end)).containsExactly(first, second, last);
    assertThat(validity.remindersDue(T0, end.minus(week).minusNanos(1))).isEmpty();
    assertThat(validity.remindersDue(T0, end.minus(week))).containsExactly(first);
    assertThat(validity.remindersDue(end.minus(week), end.minusNanos(1)))
        .containsExactly(first, second);
    assertThat(validity.remindersDue(end.minus(week).plusNanos(1), end))
        .containsExactly(second, last);
    assertThat(validity.nextDueAfter(T0)).isEqualTo(end.minus(week));
    assertThat(validity.nextDueAfter(end.minus(week))).isEqualTo(end.minus(day));
    assertThat(validity.nextDueAfter(end.minus(day))).isEqualTo(end);
    assertThat(validity.nextDueAfter(end)).isNull();

    var endless = new Validity(null, null, null, List.of());
    assertThat(endless.remindersDue(T0, end)).isEmpty();
    assertThat(endless.nextDueAfter(T0)).isNull();
  }

  @Test
  void theNextReminderIsTheFirstOneAfterNow() {
    Instant end = T0.plus(Duration.ofDays(30));
    var validity = new Validity(null, end, null, List.of(Duration.ofDays(7), Duration.ofDays(1)));
    Instant first = end.minus(Duration.ofDays(7));
    assertThat(validity.nextReminderAfter(T0)).isEqualTo(first);
    assertThat(validity.nextReminderAfter(first.minusNanos(1))).isEqualTo(first);
    assertThat(validity.isRenewalDueAt(first.minusNanos(1))).isFalse();
    assertThat(validity.nextReminderAfter(first)).isEqualTo(end.minus(Duration.ofDays(1)));
    assertThat(validity.isRenewalDueAt(first)).isTrue();
    assertThat(validity.nextReminderAfter(end.minus(Duration.ofDays(1)))).isNull();
    assertThat(new Validity(null, null, null, List.of(Duration.ofDays(1))).nextReminderAfter(T0))
        .isNull();
  }

  @Test
  void keepsTheFirstEventsDataAndAppliesTheRest() {
    KeyView key = after(issued(), new KeySuspended(), new KeyRevoked(RevocationReason.LEAKED));
    assertThat(key.createdAt()).isEqualTo(T0.plusSeconds(1));
    assertThat(key.revokedAt()).isEqualTo(T0.plusSeconds(3));
    assertThat(key.position()).isEqualTo(13);
    assertThat(key.sequence()).isEqualTo(2);
    assertThat(key.facts().version()).isEqualTo(3);
    assertThat(key.state()).isEqualTo(new KeyState.Revoked(key.facts(), RevocationReason.LEAKED));
    assertThat(
            after(issued(), new KeyRevoked(RevocationReason.LEAKED), new LeakReported(1))
                .revokedAt())
        .isEqualTo(T0.plusSeconds(2));
  }

  @Test
  void isEmptyWithoutEvents() {
    assertThat(KeyView.fold(List.of())).isNull();
  }

  @Test
  void hasTheFirstStatusThatApplies() {
    assertThat(after(issued()).statusAt(EXPIRY.minusNanos(1))).isEqualTo(KeyStatus.ACTIVE);
    assertThat(after(issued()).statusAt(EXPIRY)).isEqualTo(KeyStatus.EXPIRED);
    assertThat(after(issued(), new KeySuspended()).statusAt(EXPIRY)).isEqualTo(KeyStatus.SUSPENDED);
    assertThat(after(issued(), new KeySuspended(), new KeyResumed()).statusAt(T0))
        .isEqualTo(KeyStatus.ACTIVE);
    assertThat(
            after(issued(), new KeySuspended(), new KeyRevoked(RevocationReason.POLICY))
                .statusAt(T0))
        .isEqualTo(KeyStatus.REVOKED);
    KeyView later = after(issued(T0.plusSeconds(60), EXPIRY));
    assertThat(later.statusAt(T0.plusSeconds(60).minusNanos(1)))
        .isEqualTo(KeyStatus.NOT_YET_ACTIVE);
    assertThat(later.statusAt(T0.plusSeconds(60))).isEqualTo(KeyStatus.ACTIVE);
  }

  @Test
  void staysSuspendedThroughEverythingExceptResumption() {
    KeyView key =
        after(
            issued(),
            new KeySuspended(),
            new KeyRenewed(EXPIRY, EXPIRY, List.of()),
            new KeyTransferred(new Owner(OwnerType.USER, "42")),
            new PermissionsChanged(List.of("write:users"), List.of("read:users")));
    assertThat(key.statusAt(T0)).isEqualTo(KeyStatus.SUSPENDED);
    assertThat(key.facts().owner()).isEqualTo(new Owner(OwnerType.USER, "42"));
    assertThat(key.facts().permissions()).containsExactly("read:orders", "write:users");
    assertThat(key.facts().validity().reminders()).isEmpty();
  }

  @Test
  void hasAtMostTwoActiveSecrets() {
    Secrets rotated = after(issued(), new KeyRotated(2, SECOND, EXPIRY)).facts().secrets();
    assertThat(rotated.generation()).isEqualTo(2);
    assertThat(rotated.current()).isEqualTo(SECOND);
    assertThat(rotated.previousAliveAt(EXPIRY.minusNanos(1)))
        .isEqualTo(new Secrets.Previous(FIRST, EXPIRY, null));
    assertThat(rotated.previousAliveAt(EXPIRY)).isNull();
    Secrets again =
        after(issued(), new KeyRotated(2, SECOND, EXPIRY), new KeyRotated(3, THIRD, EXPIRY))
            .facts()
            .secrets();
    assertThat(again.current()).isEqualTo(THIRD);
    assertThat(again.previousAliveAt(T0)).isEqualTo(new Secrets.Previous(SECOND, EXPIRY, null));
    Secrets retired =
        after(issued(), new KeyRotated(2, SECOND, EXPIRY), new SecretRetired(1)).facts().secrets();
    assertThat(retired.previousAliveAt(T0)).isNull();
  }

  @Test
  void anOverlapThatWaitsIsOpenWithoutAKnownEndUntilItBegins() {
    Duration overlap = Duration.ofDays(1);
    Instant startsBy = EXPIRY.minus(overlap);
    var waiting = new KeyRotated(2, SECOND, EXPIRY, overlap, Duration.ofHours(1));
    Secrets.Previous previous = after(issued(), waiting).facts().secrets().previousAliveAt(T0);
    assertThat(previous.overlapStartsBy()).isEqualTo(startsBy);
    assertThat(previous.knownEnd(startsBy.minusNanos(1))).isNull();
    assertThat(previous.knownEnd(startsBy)).as("by the clock alone").isEqualTo(EXPIRY);

    Instant end = T0.plus(overlap);
    Secrets started = after(issued(), waiting, new OverlapStarted(2, end, true)).facts().secrets();
    assertThat(started.previousAliveAt(end.minusNanos(1)).knownEnd(T0)).isEqualTo(end);
    assertThat(started.previousAliveAt(end)).isNull();
    assertThat(started.rotationQuiet()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void aStartOfAnOverlapNeverPutsItsEndOff() {
    var waiting = new KeyRotated(2, SECOND, EXPIRY, Duration.ZERO, Duration.ofHours(1));
    var late = new OverlapStarted(2, EXPIRY.plusSeconds(1), true);
    assertThat(after(issued(), waiting, late).facts().secrets().previousAliveAt(EXPIRY)).isNull();
    assertThat(
            after(issued(), waiting, new SecretRetired(1), late)
                .facts()
                .secrets()
                .previousAliveAt(T0))
        .isNull();
  }

  @Test
  void theCompletionOfARotationEndsNothing() {
    var rotated = new KeyRotated(2, SECOND, EXPIRY, null, Duration.ofHours(1));
    KeyView before = after(issued(), rotated);
    KeyView complete = after(issued(), rotated, new RotationCompleted(2, true));
    assertThat(complete.facts().secrets().rotationQuiet()).isNull();
    assertThat(complete.facts().secrets().previousAliveAt(T0))
        .isEqualTo(before.facts().secrets().previousAliveAt(T0));
    assertThat(complete.facts().version()).isEqualTo(before.facts().version());
  }

  @Test
  void remembersEachReportedLeak() {
    assertThat(
            after(
                    issued(),
                    new LeakReported(1),
                    new KeyRotated(2, SECOND, EXPIRY),
                    new LeakReported(2))
                .facts()
                .secrets()
                .leaked())
        .containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void changesDescriptionAndRestrictions() {
    KeyFacts facts =
        after(
                issued(),
                new KeyDescribed("Other", Map.of("b", "2", "a", "1")),
                new RestrictionsChanged(List.of("10.0.0.0/8")))
            .facts();
    assertThat(facts.name()).isEqualTo("Other");
    assertThat(facts.metadata().keySet()).containsExactly("a", "b");
    assertThat(facts.ipAllowList()).containsExactly("10.0.0.0/8");
  }

  @Test
  void timersDoNotIncrementTheVersion() {
    assertThat(
            after(
                    issued(),
                    new ExpiryApproaching(Duration.ofDays(1), EXPIRY),
                    new KeyExpired(EXPIRY),
                    new OverlapStarted(2, EXPIRY, true),
                    new RotationCompleted(2, true))
                .facts()
                .version())
        .isEqualTo(1);
  }

  @Test
  void rejectsEventsThatCannotFollow() {
    assertThatThrownBy(() -> after(new KeySuspended())).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> after(issued(), issued())).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> after(new WorkspaceClosed()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void showsWhenARenewalIsDue() {
    Validity validity = after(issued()).facts().validity();
    Instant due = EXPIRY.minus(Duration.ofDays(30));
    assertThat(validity.isRenewalDueAt(due.minusNanos(1))).isFalse();
    assertThat(validity.isRenewalDueAt(due)).isTrue();
    assertThat(new Validity(null, null, null, List.of(Duration.ofDays(1))).isRenewalDueAt(EXPIRY))
        .isFalse();
    assertThat(new Validity(null, EXPIRY, null, List.of()).isRenewalDueAt(EXPIRY)).isFalse();
    assertThat(validity.isRenewableAt(EXPIRY.plus(Duration.ofDays(30)).minusNanos(1))).isTrue();
    assertThat(validity.isRenewableAt(EXPIRY.plus(Duration.ofDays(30)))).isFalse();
    assertThat(new Validity(null, null, null, List.of()).isRenewableAt(EXPIRY)).isTrue();
  }

  private static KeyView after(LedgerEvent... events) {
    var logged = new ArrayList<LoggedEvent>();
    for (LedgerEvent event : events) {
      int n = logged.size();
      logged.add(
          new LoggedEvent(
              11 + n,
              StreamId.of(KEY),
              n,
              "default",
              T0.plusSeconds(1 + n),
              n == 0 ? OPERATOR : Actor.ROOT,
              "req",
              event,
              EventContext.NONE));
    }
    return KeyView.fold(logged);
  }

  private static KeyIssued issued() {
    return issued(null, EXPIRY);
  }

  private static KeyIssued issued(Instant notBefore, Instant expiresAt) {
    return new KeyIssued(
        "Billing",
        new Owner(OwnerType.APP, "billing"),
        Environment.LIVE,
        FIRST,
        List.of("read:orders", "read:users"),
        notBefore,
        expiresAt,
        expiresAt.plus(Duration.ofDays(30)),
        List.of(Duration.ofDays(30), Duration.ofDays(1)),
        List.of(),
        Map.of());
  }
}
