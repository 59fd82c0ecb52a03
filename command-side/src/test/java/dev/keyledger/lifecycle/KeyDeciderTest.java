package dev.keyledger.lifecycle;

import static dev.keyledger.events.RevocationReason.COMPROMISED;
import static dev.keyledger.events.RevocationReason.LEAKED;
import static dev.keyledger.events.RevocationReason.NO_LONGER_USED;
import static dev.keyledger.events.RevocationReason.POLICY;
import static dev.keyledger.events.RevocationReason.UNSPECIFIED;
import static dev.keyledger.lifecycle.Outcome.Reason.CONFLICT;
import static dev.keyledger.lifecycle.Outcome.Reason.EXPIRY_WOULD_SHORTEN;
import static dev.keyledger.lifecycle.Outcome.Reason.FORBIDDEN;
import static dev.keyledger.lifecycle.Outcome.Reason.HISTORY_FULL;
import static dev.keyledger.lifecycle.Outcome.Reason.INVALID_FIELD;
import static dev.keyledger.lifecycle.Outcome.Reason.KEY_EXPIRED;
import static dev.keyledger.lifecycle.Outcome.Reason.KEY_NOT_SUSPENDED;
import static dev.keyledger.lifecycle.Outcome.Reason.KEY_REVOKED;
import static dev.keyledger.lifecycle.Outcome.Reason.LIFETIME_NOT_ALLOWED;
import static dev.keyledger.lifecycle.Outcome.Reason.NEVER_ACTIVE;
import static dev.keyledger.lifecycle.Outcome.Reason.NOT_FOUND;
import static dev.keyledger.lifecycle.Outcome.Reason.PERMISSION_CEILING;
import static dev.keyledger.lifecycle.Outcome.Reason.PERMISSION_NOT_ALLOWED;
import static dev.keyledger.lifecycle.Outcome.Reason.RENEWAL_WINDOW_CLOSED;
import static dev.keyledger.lifecycle.Outcome.Reason.ROTATION_IN_PROGRESS;
import static dev.keyledger.lifecycle.Outcome.Reason.VERSION_MISMATCH;
import static dev.keyledger.lifecycle.Outcome.Reason.WORKSPACE_CLOSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Ceiling;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.KeyCommand.CancelPlan;
import dev.keyledger.lifecycle.KeyCommand.ChangePermissions;
import dev.keyledger.lifecycle.KeyCommand.DescribeKey;
import dev.keyledger.lifecycle.KeyCommand.GiveUpSecret;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyCommand.PlanRevocation;
import dev.keyledger.lifecycle.KeyCommand.PlanSuspension;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.KeyCommand.RenewKey;
import dev.keyledger.lifecycle.KeyCommand.ReportLeak;
import dev.keyledger.lifecycle.KeyCommand.RestrictKey;
import dev.keyledger.lifecycle.KeyCommand.ResumeKey;
import dev.keyledger.lifecycle.KeyCommand.RetireSecret;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyCommand.RotateKey;
import dev.keyledger.lifecycle.KeyCommand.SuspendKey;
import dev.keyledger.lifecycle.KeyCommand.TransferKey;
import dev.keyledger.log.LastUse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of a key's life: given events, when a command arrives, expect events. */
@NullUnmarked
class KeyDeciderTest {
  static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  static final Duration DAY = Duration.ofDays(1);
  static final Duration HOUR = Duration.ofHours(1);
  static final KeyId KEY = KeyId.of(NOW.toEpochMilli(), 1, 2);
  static final Owner APP = new Owner(OwnerType.APP, "billing");
  static final Owner USER = new Owner(OwnerType.USER, "42");
  static final StoredSecret FIRST = new StoredSecret(new Digest(1, 2, 3, 4), 1, "kl_live_...abcd");
  static final StoredSecret SECOND = new StoredSecret(new Digest(5, 6, 7, 8), 1, "kl_live_...efgh");
  static final StoredSecret THIRD = new StoredSecret(new Digest(9, 9, 9, 9), 1, "kl_live_...ijkl");
  static final List<Duration> REMINDERS = WorkspacePolicy.DEFAULT.reminders();

  CommandContext now = at(NOW);

  @Nested
  class Issuing {
    @Test
    void recordsWhatThePolicyResolvedTo() {
      given()
          .when(new IssueKey(KEY, now, wanted(new RequestedExpiry.ByPolicy()), FIRST))
          .expect(issuedUntil(NOW.plus(Duration.ofDays(90))));
    }

    @Test
    void truncatesTheClockToMilliseconds() {
      given()
          .when(
              new IssueKey(
                  KEY, at(NOW.plusNanos(1_999_999)), wanted(after(DAY.plusHours(1))), FIRST))
          .expect(issuedUntil(NOW.plusMillis(1).plus(DAY).plus(Duration.ofHours(1))));
    }

    @Test
    void allowsALifetimeFromOneSecondToThePolicysLongest() {
      for (Duration lifetime : List.of(Duration.ofSeconds(1), Duration.ofDays(366))) {
        given()
            .when(new IssueKey(KEY, now, wanted(after(lifetime)), FIRST))
            .expect(issuedUntil(NOW.plus(lifetime)));
        given()
            .when(new IssueKey(KEY, now, wanted(new RequestedExpiry.At(NOW.plus(lifetime))), FIRST))
            .expect(issuedUntil(NOW.plus(lifetime)));
      }
    }

    @Test
    void refusesALifetimeOnePastEitherLimit() {
      for (Duration lifetime :
          List.of(
              Duration.ofSeconds(1).minusNanos(1),
              Duration.ZERO,
              Duration.ofSeconds(Long.MAX_VALUE),
              Duration.ofDays(366).plusNanos(1))) {
        given()
            .when(new IssueKey(KEY, now, wanted(after(lifetime)), FIRST))
            .expect(LIFETIME_NOT_ALLOWED);
      }
      given()
          .when(new IssueKey(KEY, now, wanted(new RequestedExpiry.At(NOW.minus(DAY))), FIRST))
          .expect(LIFETIME_NOT_ALLOWED);
      given()
          .when(new IssueKey(KEY, now, wanted(new RequestedExpiry.At(Instant.MAX)), FIRST))
          .expect(LIFETIME_NOT_ALLOWED);
    }

    @Test
    void capsEveryPolicyAtTenYears() {
      CommandContext generous = under(policy(Duration.ofDays(99_999), false, null));
      given()
          .when(new IssueKey(KEY, generous, wanted(after(Duration.ofDays(3650))), FIRST))
          .expect(issuedUntil(NOW.plus(Duration.ofDays(3650))));
      given()
          .when(
              new IssueKey(KEY, generous, wanted(after(Duration.ofDays(3650).plusNanos(1))), FIRST))
          .expect(LIFETIME_NOT_ALLOWED);
    }

    @Test
    void allowsNoExpiryOnlyWhereThePolicyDoes() {
      var never = new IssueKey(KEY, now, wanted(new RequestedExpiry.Never()), FIRST);
      given().when(never).expect(LIFETIME_NOT_ALLOWED);
      CommandContext lenient = under(policy(Duration.ofDays(366), true, null));
      given().when(new IssueKey(KEY, lenient, never.key(), FIRST)).expect(issued(null, null, null));
    }

    @Test
    void refusesAKeyThatWouldExpireBeforeItBecomesGood() {
      given()
          .when(new IssueKey(KEY, now, wanted(after(DAY), NOW.plus(DAY).minusMillis(1)), FIRST))
          .expect(
              issued(
                  NOW.plus(DAY).minusMillis(1),
                  NOW.plus(DAY),
                  NOW.plus(DAY).plus(Duration.ofDays(30))));
      given()
          .when(new IssueKey(KEY, now, wanted(after(DAY), NOW.plus(DAY)), FIRST))
          .expect(LIFETIME_NOT_ALLOWED);
    }

    @Test
    void staysWithinThePermissionsThatThePolicyLists() {
      CommandContext narrow = under(policy(Duration.ofDays(366), false, List.of("read:*")));
      given()
          .when(new IssueKey(KEY, narrow, wanted(after(DAY)), FIRST))
          .expect(issuedUntil(NOW.plus(DAY)));
      CommandContext other = under(policy(Duration.ofDays(366), false, List.of("write:*")));
      given()
          .when(new IssueKey(KEY, other, wanted(after(DAY)), FIRST))
          .expect(PERMISSION_NOT_ALLOWED);
    }

    @Test
    void staysUnderTheIssuersCeiling() {
      given()
          .when(new IssueKey(KEY, holding("keyledger:grant:read:users"), wanted(after(DAY)), FIRST))
          .expect(issuedUntil(NOW.plus(DAY)));
      given()
          .when(
              new IssueKey(KEY, holding("keyledger:grant:read:orders"), wanted(after(DAY)), FIRST))
          .expect(PERMISSION_CEILING);
    }

    @Test
    void neverHappensTwice() {
      given(issued()).when(new IssueKey(KEY, now, wanted(after(DAY)), SECOND)).expect(CONFLICT);
    }

    @Test
    void importsUnderTheSameRules() {
      KeyIssued like = issuedUntil(NOW.plus(DAY));
      given()
          .when(new ImportKey(KEY, now, wanted(after(DAY)), FIRST, ImportKey.Past.NONE))
          .expect(
              new KeyImported(
                  like.name(),
                  like.owner(),
                  like.environment(),
                  FIRST,
                  like.permissions(),
                  like.notBefore(),
                  like.expiresAt(),
                  like.renewableUntil(),
                  like.reminders(),
                  like.ipAllowList(),
                  like.metadata()));
      given(issued())
          .when(new ImportKey(KEY, now, wanted(after(DAY)), SECOND, ImportKey.Past.NONE))
          .expect(CONFLICT);
    }
  }

  @Nested
  class Renewing {
    @Test
    void countsALifetimeFromNow() {
      given(issued())
          .when(renew(after(Duration.ofDays(200))))
          .expect(renewedUntil(NOW.plus(Duration.ofDays(200))));
    }

    @Test
    void takesThePolicysLifetimeIfNoneIsNamed() {
      given(issuedUntil(NOW.plus(DAY)))
          .when(renew(new RequestedExpiry.ByPolicy()))
          .expect(renewedUntil(NOW.plus(Duration.ofDays(90))));
    }

    @Test
    void neverShortensUnlessAsked() {
      given(issuedUntil(NOW.plus(DAY.multipliedBy(2))))
          .when(renew(after(DAY)))
          .expect(EXPIRY_WOULD_SHORTEN);
      given(issuedUntil(NOW.plus(DAY.multipliedBy(2))))
          .when(new RenewKey(KEY, now, after(DAY), true))
          .expect(renewedUntil(NOW.plus(DAY)));
    }

    @Test
    void addsNoEventForTheExpiryThatTheKeyHas() {
      KeyIssued tomorrow = issuedUntil(NOW.plus(DAY));
      given(tomorrow).when(renew(after(DAY))).expect();
      given(tomorrow).when(renew(new RequestedExpiry.At(NOW.plus(DAY)))).expect();
      given(tomorrow)
          .when(renew(after(DAY.plusNanos(1000))))
          .expect(renewedUntil(NOW.plus(DAY).plusNanos(1000)));
      CommandContext lenient = under(policy(Duration.ofDays(366), true, null));
      given(issued(null, null, null))
          .when(new RenewKey(KEY, lenient, new RequestedExpiry.Never(), false))
          .expect();
      given(tomorrow)
          .when(new RenewKey(KEY, lenient, new RequestedExpiry.Never(), false))
          .expect(new KeyRenewed(null, null, List.of()));
    }

    @Test
    void leavesOutRemindersThatWouldHaveBeenDueBefore() {
      for (Duration reminder : REMINDERS) {
        given(issued())
            .when(new RenewKey(KEY, now, after(reminder), true))
            .expect(renewedUntil(NOW.plus(reminder)));
        assertThat(renewedUntil(NOW.plus(reminder)).reminders())
            .isEqualTo(REMINDERS.subList(REMINDERS.indexOf(reminder) + 1, REMINDERS.size()));
        assertThat(renewedUntil(NOW.plus(reminder).plusMillis(1)).reminders()).contains(reminder);
      }
    }

    @Test
    void isRefusedIfTheKeyWouldExpireBeforeItBecomesActive() {
      KeyIssued later = issued(NOW.plus(DAY), NOW.plus(DAY.multipliedBy(9)), null);
      given(later).when(new RenewKey(KEY, now, after(DAY), true)).expect(NEVER_ACTIVE);
      given(later)
          .when(new RenewKey(KEY, now, after(DAY.plusSeconds(1)), true))
          .expect(renewedUntil(NOW.plus(DAY).plusSeconds(1)));
    }

    @Test
    void countsAnyEndAsShorterThanNone() {
      given(issued(null, null, null)).when(renew(after(DAY))).expect(EXPIRY_WOULD_SHORTEN);
    }

    @Test
    void isPossibleAfterExpiryUntilTheWindowCloses() {
      Instant windowEnd = NOW.plus(Duration.ofDays(30));
      KeyIssued expired = issuedUntil(NOW);
      given(expired)
          .when(new RenewKey(KEY, at(windowEnd.minusMillis(1)), after(DAY), false))
          .expect(
              new KeyRenewed(
                  windowEnd.minusMillis(1).plus(DAY),
                  windowEnd.minusMillis(1).plus(DAY).plus(Duration.ofDays(30)),
                  List.of()));
      given(expired)
          .when(new RenewKey(KEY, at(windowEnd), after(DAY), false))
          .expect(RENEWAL_WINDOW_CLOSED);
    }

    @Test
    void isPossibleWhileSuspended() {
      given(issued(), new KeySuspended())
          .when(renew(after(Duration.ofDays(200))))
          .expect(renewedUntil(NOW.plus(Duration.ofDays(200))));
    }

    @Test
    void staysWithinTheLimitsOfALifetime() {
      given(issued()).when(renew(after(Duration.ofDays(367)))).expect(LIFETIME_NOT_ALLOWED);
      given(issued()).when(renew(new RequestedExpiry.Never())).expect(LIFETIME_NOT_ALLOWED);
    }
  }

  @Nested
  class Rotating {
    @Test
    void letsTheOldSecretLiveAsLongAsThePolicySays() {
      given(issued()).when(rotate(null)).expect(rotated(2, SECOND, NOW.plus(DAY)));
    }

    @Test
    void letsTheOldSecretDieAtOnce() {
      given(issued()).when(rotate(Duration.ZERO)).expect(rotated(2, SECOND, NOW));
    }

    @Test
    void allowsAnOverlapUpToItsLimit() {
      Duration longest = Duration.ofDays(366);
      given(issued()).when(rotate(longest)).expect(rotated(2, SECOND, NOW.plus(longest)));
      given(issued()).when(rotate(longest.plusNanos(1))).expect(INVALID_FIELD);
    }

    @Test
    void isRefusedWhileAnOverlapIsOpen() {
      var rotated = new KeyRotated(2, FIRST, NOW.plus(DAY));
      given(issued(), rotated).when(rotate(DAY)).expect(ROTATION_IN_PROGRESS);
      given(issued(), rotated)
          .when(new RotateKey(KEY, at(NOW.plus(DAY)), SECOND, DAY, false, null, false, null))
          .expect(rotated(3, SECOND, NOW.plus(DAY).plus(DAY)));
    }

    @Test
    void closesTheOverlapIfAsked() {
      given(issued(), new KeyRotated(2, FIRST, NOW.plus(DAY)))
          .when(new RotateKey(KEY, now, SECOND, DAY, true, null, false, null))
          .expect(new SecretRetired(1), rotated(3, SECOND, NOW.plus(DAY)));
    }

    @Test
    void needsNoOverlapToBeAskedToCloseIt() {
      given(issued())
          .when(new RotateKey(KEY, now, SECOND, DAY, true, null, false, null))
          .expect(rotated(2, SECOND, NOW.plus(DAY)));
    }

    @Test
    void takesANewExpiry() {
      Duration long200 = Duration.ofDays(200);
      given(issued())
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(long200), false, null))
          .expect(rotated(2, SECOND, NOW.plus(DAY)), renewedUntil(NOW.plus(long200)));
      given(issued())
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(DAY), false, null))
          .expect(rotated(2, SECOND, NOW.plus(DAY)), renewedUntil(NOW.plus(DAY)));
      given(issuedUntil(NOW.plus(DAY)))
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(DAY), false, null))
          .expect(rotated(2, SECOND, NOW.plus(DAY)));
      given(issued())
          .when(
              new RotateKey(KEY, now, SECOND, DAY, false, after(Duration.ofDays(367)), false, null))
          .expect(LIFETIME_NOT_ALLOWED);
    }

    @Test
    void withANewExpiryBringsBackAnExpiredKeyButNotItsOldSecret() {
      KeyIssued expired = issuedUntil(NOW.minus(DAY));
      given(expired)
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(DAY), false, null))
          .expect(rotated(2, SECOND, NOW.minus(DAY)), renewedUntil(NOW.plus(DAY)));
      given(expired).when(rotate(DAY)).expect(KEY_EXPIRED);
      given(expired, new KeyRotated(2, FIRST, NOW.plus(DAY)))
          .when(new RotateKey(KEY, now, SECOND, DAY, true, after(DAY), false, null))
          .expect(
              new SecretRetired(1),
              rotated(3, SECOND, NOW.minus(DAY)),
              renewedUntil(NOW.plus(DAY)));
    }

    @Test
    void doesSoUntilTheRenewalWindowCloses() {
      Instant windowEnd = NOW.minus(DAY).plus(Duration.ofDays(30));
      KeyIssued expired = issuedUntil(NOW.minus(DAY));
      given(expired)
          .when(
              new RotateKey(
                  KEY, at(windowEnd.minusMillis(1)), SECOND, DAY, false, after(DAY), false, null))
          .expectAccepted();
      given(expired)
          .when(new RotateKey(KEY, at(windowEnd), SECOND, DAY, false, after(DAY), false, null))
          .expect(RENEWAL_WINDOW_CLOSED);
    }

    @Test
    void canBeEndedEarly() {
      given(issued(), new KeyRotated(2, SECOND, NOW.plus(DAY)))
          .when(new RetireSecret(KEY, now))
          .expect(new SecretRetired(1));
    }

    @Test
    void endsNothingThatHasEnded() {
      given(issued()).when(new RetireSecret(KEY, now)).expect();
      given(issued(), new KeyRotated(2, SECOND, NOW)).when(new RetireSecret(KEY, now)).expect();
      given(issued(), new KeyRotated(2, SECOND, NOW.plus(DAY)), new SecretRetired(1))
          .when(new RetireSecret(KEY, now))
          .expect();
    }
  }

  @Nested
  class SuspendingAndResuming {
    @Test
    void isReversible() {
      given(issued()).when(new SuspendKey(KEY, now)).expect(new KeySuspended());
      given(issued(), new KeySuspended()).when(new ResumeKey(KEY, now)).expect(new KeyResumed());
      given(issued(), new KeySuspended(), new KeyResumed())
          .when(new SuspendKey(KEY, now))
          .expect(new KeySuspended());
    }

    @Test
    void addsNoEventIfItAlreadyIsSo() {
      given(issued(), new KeySuspended()).when(new SuspendKey(KEY, now)).expect();
    }

    @Test
    void resumesOnlyWhatIsSuspended() {
      given(issued()).when(new ResumeKey(KEY, now)).expect(KEY_NOT_SUSPENDED);
    }
  }

  @Nested
  class CompletingARotation {
    static final Duration OVERLAP = Duration.ofHours(12);
    static final Instant MINUTE = NOW.truncatedTo(ChronoUnit.MINUTES);
    static final Instant LATEST_START = NOW.plus(Duration.ofDays(30));
    static final KeyRotated FROM_NOW = rotated(2, SECOND, NOW.plus(DAY));
    static final KeyRotated WAITING =
        new KeyRotated(2, SECOND, LATEST_START.plus(OVERLAP), OVERLAP, HOUR);

    @Test
    void theOverlapWaitsForTheFirstUseIfAsked() {
      given(issued()).when(fromFirstUse(OVERLAP)).expect(WAITING);
      given(issued())
          .when(fromFirstUse(Duration.ZERO))
          .expect(new KeyRotated(2, SECOND, LATEST_START, Duration.ZERO, HOUR));
      given(issued())
          .when(fromFirstUse(null))
          .expect(new KeyRotated(2, SECOND, LATEST_START.plus(DAY), DAY, HOUR));
      given(issued()).when(fromFirstUse(Duration.ofDays(366).plusNanos(1))).expect(INVALID_FIELD);
    }

    @Test
    void theOldSecretOfAnExpiredKeyStaysDeadAndItsOverlapWaitsForNothing() {
      given(issuedUntil(NOW.minus(DAY)))
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(DAY), true, null))
          .expect(rotated(2, SECOND, NOW.minus(DAY)), renewedUntil(NOW.plus(DAY)));
    }

    @Test
    void recordsTheQuietOfThePolicyInForce() {
      Duration quiet = Duration.ofMinutes(5);
      given(issued())
          .when(new RotateKey(KEY, under(quietFor(quiet)), SECOND, DAY, false, null, false, null))
          .expect(new KeyRotated(2, SECOND, NOW.plus(DAY), null, quiet));
    }

    @Test
    void anOverlapThatWaitsIsOpen() {
      given(issued(), WAITING).when(rotate(DAY)).expect(ROTATION_IN_PROGRESS);
      given(issued(), WAITING).when(new RetireSecret(KEY, now)).expect(new SecretRetired(1));
      given(issued(), WAITING)
          .when(new ReportLeak(KEY, now, 1))
          .expect(new LeakReported(1), new SecretRetired(1));
      given(issued(), WAITING)
          .when(new RotateKey(KEY, now, THIRD, DAY, true, null, false, null))
          .expect(
              new SecretRetired(1),
              new RotationCompleted(2, false),
              rotated(3, THIRD, NOW.plus(DAY)));
    }

    @Test
    void theOverlapStartsWithTheFirstUse() {
      given(issued(), WAITING).when(due(NOW, null)).expect();
      given(issued(), WAITING).when(due(NOW, used(1, NOW, null))).expect();
      Instant later = NOW.plusSeconds(90);
      given(issued(), WAITING)
          .when(due(later, used(2, NOW, NOW)))
          .expect(new OverlapStarted(2, later.plus(OVERLAP), true));
      given(issued(), WAITING, new OverlapStarted(2, later.plus(OVERLAP), true))
          .when(due(later, used(2, NOW, NOW)))
          .expect();
    }

    @Test
    void theOverlapStartsAfterThirtyDaysAnyway() {
      given(issued(), WAITING).when(due(LATEST_START.minusNanos(1), null)).expect();
      given(issued(), WAITING)
          .when(due(LATEST_START, null))
          .expect(new OverlapStarted(2, LATEST_START.plus(OVERLAP), false));
    }

    /** Checks that a late sweep brings no secret back to life. */
    @Test
    void theOldSecretNeverLivesLongerThanAnnounced() {
      Instant late = LATEST_START.plus(OVERLAP).plus(DAY);
      given(issued(), WAITING)
          .when(due(late, used(2, late, null)))
          .expect(
              new OverlapStarted(2, LATEST_START.plus(OVERLAP), true),
              new RotationCompleted(2, true));
      given(issued(), WAITING)
          .when(due(LATEST_START.plusSeconds(1), used(2, LATEST_START, null)))
          .expect(new OverlapStarted(2, LATEST_START.plus(OVERLAP), true));
    }

    @Test
    void isCompleteOnceTheNewSecretIsInUseAndTheOldOneIsNot() {
      Instant quiet = MINUTE.plusSeconds(60).plus(HOUR);
      var unused = used(2, MINUTE, null);
      given(issued(), FROM_NOW).when(due(quiet.minusNanos(1), unused)).expect();
      given(issued(), FROM_NOW).when(due(quiet, unused)).expect(new RotationCompleted(2, true));
      var usedLater = used(2, MINUTE, MINUTE.plusSeconds(120));
      given(issued(), FROM_NOW).when(due(quiet.plusSeconds(119), usedLater)).expect();
      given(issued(), FROM_NOW)
          .when(due(quiet.plusSeconds(120), usedLater))
          .expect(new RotationCompleted(2, true));
      given(issued(), FROM_NOW).when(due(quiet, used(1, MINUTE, null))).expect();
    }

    @Test
    void isCompleteOnceTheOverlapHasEnded() {
      given(issued(), FROM_NOW).when(due(NOW.plus(DAY).minusNanos(1), null)).expect();
      given(issued(), FROM_NOW)
          .when(due(NOW.plus(DAY), null))
          .expect(new RotationCompleted(2, false));
      given(issued(), FROM_NOW)
          .when(due(NOW.plus(DAY), used(2, NOW.plus(DAY), NOW.plus(DAY))))
          .expect(new RotationCompleted(2, true));
      given(issued(), FROM_NOW, new SecretRetired(1))
          .when(due(NOW, null))
          .expect(new RotationCompleted(2, false));
    }

    @Test
    void isRecordedOnceAndForEachRotation() {
      given(issued(), FROM_NOW, new RotationCompleted(2, true))
          .when(due(NOW.plus(DAY), used(2, NOW, null)))
          .expect();
      given(issued(), rotated(2, FIRST, NOW))
          .when(new RotateKey(KEY, now, SECOND, DAY, false, null, false, used(2, NOW, null)))
          .expect(new RotationCompleted(2, true), rotated(3, SECOND, NOW.plus(DAY)));
    }

    /** Checks that old rotations without the field have no quiet period. */
    @Test
    void isNotRecordedOfOldRotationsNorOfRevokedKeysNorInClosedWorkspaces() {
      given(issued(), new KeyRotated(2, SECOND, NOW)).when(due(NOW.plus(DAY), null)).expect();
      given(issued(), FROM_NOW, new KeyRevoked(POLICY)).when(due(NOW.plus(DAY), null)).expect();
      given(issued(), FROM_NOW)
          .when(
              new RecordDue(KEY, Reminding.closedAt(NOW.plus(DAY)), NOW.plus(DAY), Set.of(), null))
          .expect(WORKSPACE_CLOSED);
    }

    @Test
    void isRecordedOfSuspendedKeysAndWithinAFullHistory() {
      given(issued(), FROM_NOW, new KeySuspended())
          .when(due(NOW.plus(DAY), null))
          .expect(new RotationCompleted(2, false));
      KeyState full = FullHistories.withEvents(KeyDecider.EVENTS_MAX - 2, issued());
      new Given(full.evolve(rotated(2, FIRST, NOW)))
          .when(rotate(DAY))
          .expect(new RotationCompleted(2, false), rotated(3, SECOND, NOW.plus(DAY)));
    }

    @Test
    void theNextDueTimeFollowsFromTheUses() {
      assertThat(next(null, FROM_NOW)).isEqualTo(NOW.plus(DAY));
      assertThat(next(used(2, MINUTE, null), FROM_NOW))
          .isEqualTo(MINUTE.plusSeconds(60).plus(HOUR));
      assertThat(next(used(2, MINUTE.plus(DAY), null), FROM_NOW)).isEqualTo(NOW.plus(DAY));
      assertThat(next(null, WAITING)).isEqualTo(LATEST_START);
      assertThat(next(null, WAITING, new OverlapStarted(2, NOW.plus(OVERLAP), false)))
          .isEqualTo(NOW.plus(OVERLAP));
      assertThat(next(null, FROM_NOW, new RotationCompleted(2, true))).isNull();
      assertThat(next(null)).isNull();
    }

    private static @Nullable Instant next(@Nullable LastUse used, KeyEvent... events) {
      KeyState.Issued key = new KeyState.NotIssued().evolve(issued());
      for (KeyEvent event : events) {
        key = key.evolve(event);
      }
      return new RotationProgress(key.facts().secrets(), used).nextDue();
    }

    private RotateKey fromFirstUse(@Nullable Duration overlap) {
      return new RotateKey(KEY, now, SECOND, overlap, false, null, true, null);
    }

    private static RecordDue due(Instant time, @Nullable LastUse used) {
      return new RecordDue(KEY, at(time), time, Set.of(), used);
    }

    /** Returns a use of the secret of a generation, and of the one before it. */
    private static LastUse used(int generation, Instant time, @Nullable Instant previous) {
      return new LastUse(time, generation, time, time, previous);
    }

    private static WorkspacePolicy quietFor(Duration quiet) {
      WorkspacePolicy usual = WorkspacePolicy.DEFAULT;
      return new WorkspacePolicy(
          usual.defaultLifetime(),
          usual.maxLifetime(),
          usual.allowNoExpiry(),
          usual.renewalWindow(),
          usual.defaultOverlap(),
          usual.reminders(),
          usual.allowedPermissions(),
          usual.maxKeys(),
          null,
          null,
          quiet);
    }
  }

  @Nested
  class Reminding {
    static final Instant END = NOW.plus(Duration.ofDays(90));
    static final ExpiryApproaching MONTH = new ExpiryApproaching(Duration.ofDays(30), END);
    static final ExpiryApproaching WEEK = new ExpiryApproaching(Duration.ofDays(7), END);
    static final ExpiryApproaching LAST_DAY = new ExpiryApproaching(DAY, END);
    static final KeyExpired EXPIRED = new KeyExpired(END);

    @Test
    void recordsWhatIsDueAndNotBefore() {
      given(issued()).when(due(MONTH.dueAt().minusNanos(1))).expect();
      given(issued()).when(due(MONTH.dueAt())).expect(MONTH);
      given(issued()).when(due(EXPIRED.dueAt().minusNanos(1), MONTH, WEEK)).expect(LAST_DAY);
      given(issued()).when(due(EXPIRED.dueAt(), MONTH, WEEK, LAST_DAY)).expect(EXPIRED);
    }

    @Test
    void catchesUpAfterAPauseInOrder() {
      given(issued()).when(due(END.plus(DAY))).expect(MONTH, WEEK, LAST_DAY, EXPIRED);
    }

    @Test
    void recordsNothingTwice() {
      given(issued(), MONTH).when(due(MONTH.dueAt(), MONTH)).expect();
      given(issued()).when(due(END, MONTH, WEEK, LAST_DAY, EXPIRED)).expect();
    }

    @Test
    void recordsNothingThatWasDueBeforeItsBeginning() {
      var late = new RecordDue(KEY, at(END), WEEK.dueAt(), Set.of(), null);
      given(issued()).when(late).expect(WEEK, LAST_DAY, EXPIRED);
      var later = new RecordDue(KEY, at(END), WEEK.dueAt().plusNanos(1), Set.of(), null);
      given(issued()).when(later).expect(LAST_DAY, EXPIRED);
    }

    @Test
    void recordsTheSameOffsetOfAnotherExpiry() {
      Instant later = END.plus(DAY);
      given(issued(), MONTH, renewedUntil(later))
          .when(due(later.minus(Duration.ofDays(7)), MONTH))
          .expect(
              new ExpiryApproaching(Duration.ofDays(30), later),
              new ExpiryApproaching(Duration.ofDays(7), later));
    }

    @Test
    void remindsOfSuspendedKeysToo() {
      given(issued(), new KeySuspended()).when(due(MONTH.dueAt())).expect(MONTH);
    }

    @Test
    void remindsOfNoRevokedKeyAndOfNoneThatHasNoEnd() {
      given(issued(), new KeyRevoked(POLICY)).when(due(END)).expect();
      given(issued(null, null, null)).when(due(END)).expect();
      given().when(due(END)).expect(NOT_FOUND);
    }

    @Test
    void remindsOfNoKeyOfAClosedWorkspace() {
      given(issued())
          .when(new RecordDue(KEY, closedAt(MONTH.dueAt()), Instant.MIN, Set.of(), null))
          .expect(WORKSPACE_CLOSED);
    }

    @Test
    void remindsWithinAFullHistory() {
      new Given(FullHistories.withEvents(KeyDecider.EVENTS_MAX, issued()))
          .when(due(MONTH.dueAt()))
          .expect(MONTH);
    }

    /** Checks the reminders of the lifetimes that a command can ask for. */
    @Test
    void neverRemindsAtOrBeforeTheIssueNorForLongerThanTheLifetime() {
      Duration month = Duration.ofDays(30);
      for (Duration lifetime : List.of(month, month.plusMillis(1))) {
        var issue = new IssueKey(KEY, now, wanted(after(lifetime)), FIRST);
        var issued = (Outcome.Accepted) KeyDecider.decide(new KeyState.NotIssued(), issue);
        Instant end = NOW.plus(lifetime);
        var reminders =
            lifetime.equals(month)
                ? List.of(Duration.ofDays(7), DAY)
                : List.of(month, Duration.ofDays(7), DAY);
        assertThat(((KeyIssued) issued.events().getFirst()).reminders()).isEqualTo(reminders);
        var first = new ExpiryApproaching(reminders.getFirst(), end);
        given((KeyEvent) issued.events().getFirst()).when(due(first.dueAt())).expect(first);
      }
    }

    private static RecordDue due(Instant time, KeyEvent.RemindsOfExpiry... recorded) {
      return new RecordDue(KEY, at(time), Instant.MIN, Set.of(recorded), null);
    }

    private static CommandContext closedAt(Instant time) {
      return new CommandContext(
          "default",
          null,
          time,
          WorkspacePolicy.DEFAULT,
          Ceiling.NONE,
          true,
          0,
          LedgerCommand.ALL_WORKSPACES);
    }
  }

  @Nested
  class Revoking {
    @Test
    void isNeverRefusedWhateverTheKeyWentThrough() {
      var revoke = new RevokeKey(KEY, holdingNothing(), COMPROMISED);
      given(issued()).when(revoke).expect(new KeyRevoked(COMPROMISED));
      given(issued(), new KeySuspended()).when(revoke).expect(new KeyRevoked(COMPROMISED));
      given(issuedUntil(NOW.minus(DAY)), new KeyExpired(NOW.minus(DAY)))
          .when(revoke)
          .expect(new KeyRevoked(COMPROMISED));
    }

    @Test
    void succeedsAgainWithoutAnEvent() {
      given(issued(), new KeyRevoked(POLICY)).when(new RevokeKey(KEY, now, COMPROMISED)).expect();
    }

    @Test
    void endsEveryOtherCommand() {
      for (Function<CommandContext, KeyCommand> command : everyCommandButRevoke()) {
        given(issued(), new KeyRevoked(POLICY)).when(command.apply(now)).expect(KEY_REVOKED);
      }
    }

    @Test
    void outlastsWhateverIsNotedLater() {
      given(issued(), new KeyRevoked(POLICY), new LeakReported(1))
          .when(new ResumeKey(KEY, now))
          .expect(KEY_REVOKED);
    }
  }

  /** A revocation or suspension for a later time: before that time, at it, and after it. */
  @Nested
  class Planning {
    static final Instant THEN = NOW.plus(DAY);
    static final RevocationPlanned REVOCATION = new RevocationPlanned(THEN, COMPROMISED);
    static final SuspensionPlanned SUSPENSION = new SuspensionPlanned(THEN);
    static final Instant RECORDED = THEN.plus(KeyDecider.PLAN_RECORDED_AFTER);

    private final PlanRevocation revoke = new PlanRevocation(KEY, now, THEN, COMPROMISED);
    private final PlanSuspension suspend = new PlanSuspension(KEY, now, THEN);

    @Test
    void isAnEventNow() {
      given(issued()).when(revoke).expect(REVOCATION);
      given(issued()).when(suspend).expect(SUSPENSION);
      given(issued(), new KeySuspended()).when(revoke).expect(REVOCATION);
    }

    @Test
    void isForTheFuture() {
      for (Instant notLater : List.of(NOW, NOW.minusNanos(1000))) {
        given(issued()).when(new PlanRevocation(KEY, now, notLater, POLICY)).expect(INVALID_FIELD);
        given(issued()).when(new PlanSuspension(KEY, now, notLater)).expect(INVALID_FIELD);
        given(issued(), new KeyRevoked(POLICY))
            .when(new PlanRevocation(KEY, now, notLater, POLICY))
            .expect(INVALID_FIELD);
      }
      Instant soon = NOW.plusNanos(1000);
      given(issued()).when(new PlanSuspension(KEY, now, soon)).expect(new SuspensionPlanned(soon));
    }

    @Test
    void addsNoEventIfTheKeyIsSoAlready() {
      given(issued(), new KeyRevoked(POLICY)).when(revoke).expect();
      given(issued(), new KeyRevoked(POLICY)).when(suspend).expect(KEY_REVOKED);
    }

    @Test
    void noSuspensionIsPlannedForASuspendedKey() {
      given(issued(), new KeySuspended()).when(suspend).expect(CONFLICT);
      given(issued(), SUSPENSION)
          .when(new PlanSuspension(KEY, at(THEN), THEN.plus(DAY)))
          .expect(CONFLICT);
      given(issued(), new KeySuspended(), new KeyRevoked(POLICY)).when(suspend).expect(KEY_REVOKED);
      given(issued(), new KeySuspended(), new KeyResumed()).when(suspend).expect(SUSPENSION);
    }

    @Test
    void needsWhatTheCommandItselfWouldNeed() {
      KeyIssued expired = issuedUntil(NOW.minus(DAY));
      given(expired).when(revoke).expect(REVOCATION);
      given(expired).when(suspend).expect(KEY_EXPIRED);
      given(issued())
          .when(new PlanRevocation(KEY, holdingNothing(), THEN, COMPROMISED))
          .expect(REVOCATION);
      given(issued()).when(new PlanSuspension(KEY, holdingNothing(), THEN)).expect(SUSPENSION);
    }

    @Test
    void aSecondPlanIsRefused() {
      for (KeyEvent plan : List.of(REVOCATION, SUSPENSION)) {
        given(issued(), plan).when(revoke).expect(CONFLICT);
        given(issued(), plan).when(suspend).expect(CONFLICT);
        given(issued(), plan, new PlanCancelled()).when(revoke).expect(REVOCATION);
      }
      given(issued(), new KeySuspended(), REVOCATION).when(suspend).expect(CONFLICT);
    }

    @Test
    void refusesNothingThatTakesEffectAtOnce() {
      for (KeyEvent plan : List.of(REVOCATION, SUSPENSION)) {
        given(issued(), plan).when(new RevokeKey(KEY, now, POLICY)).expect(new KeyRevoked(POLICY));
        given(issued(), plan)
            .when(new ReportLeak(KEY, now, 1))
            .expect(new LeakReported(1), new KeyRevoked(LEAKED));
        given(issued(), plan).when(new SuspendKey(KEY, now)).expect(new KeySuspended());
        for (Function<CommandContext, KeyCommand> command : everyCommandButRevoke()) {
          given(issued(), plan, new KeyRotated(2, FIRST, NOW))
              .when(command.apply(now))
              .expectNot(KEY_REVOKED);
        }
      }
    }

    @Test
    void aSuspensionThatComesEarlierTakesThePlaceOfAPlannedOne() {
      given(issued(), SUSPENSION, new KeySuspended(), new KeyResumed())
          .when(suspend)
          .expect(SUSPENSION);
      given(issued(), REVOCATION, new KeySuspended(), new KeyResumed())
          .when(suspend)
          .expect(CONFLICT);
    }

    @Test
    void fromThatTimeOnTheKeyIsRevoked() {
      for (Function<CommandContext, KeyCommand> command : everyCommandButRevoke()) {
        given(issued(), REVOCATION).when(command.apply(at(THEN))).expect(KEY_REVOKED);
        given(issued(), REVOCATION)
            .when(command.apply(at(THEN.minusNanos(1))))
            .expectNot(KEY_REVOKED);
      }
      given(issued(), REVOCATION).when(new RevokeKey(KEY, at(THEN), POLICY)).expect();
      given(issued(), REVOCATION)
          .when(new PlanRevocation(KEY, at(THEN), THEN.plus(DAY), POLICY))
          .expect();
      given(issued(), REVOCATION)
          .when(new ReportLeak(KEY, at(THEN), 1))
          .expect(new LeakReported(1));
      given(issued(), REVOCATION).when(new GiveUpSecret(KEY, at(THEN), 1, UNSPECIFIED)).expect();
    }

    @Test
    void fromThatTimeOnTheKeyIsSuspended() {
      given(issued(), SUSPENSION)
          .when(new ResumeKey(KEY, at(THEN.minusNanos(1))))
          .expect(KEY_NOT_SUSPENDED);
      given(issued(), SUSPENSION).when(new SuspendKey(KEY, at(THEN))).expect();
      given(issued(), SUSPENSION)
          .when(new ResumeKey(KEY, at(THEN)))
          .expect(new KeySuspended(), new KeyResumed());
      given(issued(), SUSPENSION, new KeySuspended())
          .when(new ResumeKey(KEY, at(RECORDED)))
          .expect(new KeyResumed());
      given(issued(), SUSPENSION)
          .when(new PlanRevocation(KEY, at(THEN), THEN.plus(DAY), POLICY))
          .expect(new KeySuspended(), new RevocationPlanned(THEN.plus(DAY), POLICY));
      given(issued(), SUSPENSION)
          .when(new RevokeKey(KEY, at(THEN), POLICY))
          .expect(new KeyRevoked(POLICY));
    }

    @Test
    void canBeCancelledUntilThen() {
      for (KeyEvent plan : List.of(REVOCATION, SUSPENSION)) {
        given(issued(), plan).when(cancel(THEN.minusNanos(1))).expect(new PlanCancelled());
        given(issued(), plan, new PlanCancelled()).when(cancel(NOW)).expect();
      }
      given(issued()).when(cancel(NOW)).expect();
      given(issued(), REVOCATION).when(cancel(THEN)).expect(KEY_REVOKED);
      given(issued(), SUSPENSION).when(cancel(THEN)).expect();
      given(issuedUntil(NOW.minus(DAY)), REVOCATION).when(cancel(NOW)).expect(new PlanCancelled());
    }

    @Test
    void isCancelledByWhoMayMakeIt() {
      given(issued(), REVOCATION).when(cancelBy("keys:revoke")).expect(new PlanCancelled());
      given(issued(), REVOCATION).when(cancelBy("keys:suspend")).expect(FORBIDDEN);
      given(issued(), SUSPENSION).when(cancelBy("keys:suspend")).expect(new PlanCancelled());
      given(issued(), SUSPENSION).when(cancelBy("keys:revoke")).expect(FORBIDDEN);
      given(issued()).when(cancelBy("keys:suspend")).expect();
      given(issued()).when(cancelBy("keys:revoke")).expect();
      given(issued(), new KeyRevoked(POLICY)).when(cancelBy("keys:suspend")).expect(KEY_REVOKED);
      given(issued(), REVOCATION)
          .when(new CancelPlan(KEY, holding("keyledger:keys:revoke")))
          .expect(PERMISSION_CEILING);
    }

    @Test
    void theSweepRecordsTheEffectOnce() {
      given(issued(), REVOCATION).when(due(THEN)).expect(); // a node's clock may be ahead
      given(issued(), REVOCATION).when(due(RECORDED.minusNanos(1))).expect();
      given(issued(), REVOCATION).when(due(RECORDED)).expect(new KeyRevoked(COMPROMISED));
      given(issued(), REVOCATION, new KeyRevoked(COMPROMISED)).when(due(RECORDED)).expect();
      given(issued(), SUSPENSION).when(due(RECORDED)).expect(new KeySuspended());
      given(issued(), SUSPENSION, new KeySuspended()).when(due(RECORDED)).expect();
      given(issued(), REVOCATION, new PlanCancelled()).when(due(RECORDED)).expect();
      new Given(FullHistories.withEvents(KeyDecider.EVENTS_MAX - 1, issued()).evolve(REVOCATION))
          .when(due(RECORDED))
          .expect(new KeyRevoked(COMPROMISED));
    }

    @Test
    void anExpiryThatARevocationPrecedesHasNoReminder() {
      Instant end = NOW.plus(Duration.ofDays(90));
      var month = new ExpiryApproaching(Duration.ofDays(30), end);
      KeyIssued key = issuedUntil(end);
      given(key, new RevocationPlanned(end, POLICY)).when(due(month.dueAt())).expect();
      given(key, new RevocationPlanned(end.plusNanos(1), POLICY))
          .when(due(month.dueAt()))
          .expect(month);
      given(key, new SuspensionPlanned(end)).when(due(month.dueAt())).expect(month);
      given(key, new RevocationPlanned(end, POLICY), new PlanCancelled())
          .when(due(month.dueAt()))
          .expect(month);
    }

    private static CancelPlan cancel(Instant time) {
      return new CancelPlan(KEY, at(time));
    }

    private static CancelPlan cancelBy(String permission) {
      return new CancelPlan(KEY, holding("keyledger:" + permission, "keyledger:grant:*"));
    }

    private static CommandContext holding(String... permissions) {
      return new CommandContext(
          "default",
          null,
          NOW,
          WorkspacePolicy.DEFAULT,
          new Ceiling(PermissionSet.of(List.of(permissions))));
    }

    private static RecordDue due(Instant time) {
      return new RecordDue(KEY, at(time), Instant.MIN, Set.of(), null);
    }
  }

  @Nested
  class ReportingLeaks {
    private static final KeyEvent ROTATED = new KeyRotated(2, SECOND, NOW.plus(DAY));

    @Test
    void revokesTheKeyOfTheCurrentSecretWhateverItWentThrough() {
      var leak = new ReportLeak(KEY, holdingNothing(), 1);
      for (KeyIssued key : List.of(issued(), issuedUntil(NOW.minus(DAY)))) {
        given(key).when(leak).expect(new LeakReported(1), new KeyRevoked(LEAKED));
        given(key, new KeySuspended())
            .when(leak)
            .expect(new LeakReported(1), new KeyRevoked(LEAKED));
      }
      given(issued(), ROTATED)
          .when(new ReportLeak(KEY, now, 2))
          .expect(new LeakReported(2), new KeyRevoked(LEAKED));
    }

    @Test
    void retiresAnOldSecretInItsOverlapAndLetsTheKeyLive() {
      given(issued(), ROTATED)
          .when(new ReportLeak(KEY, now, 1))
          .expect(new LeakReported(1), new SecretRetired(1));
      given(issuedUntil(NOW.minus(DAY)), ROTATED)
          .when(new ReportLeak(KEY, now, 1))
          .expect(new LeakReported(1), new SecretRetired(1));
    }

    @Test
    void notesADeadSecretAndTouchesNothing() {
      var leak = new ReportLeak(KEY, now, 1);
      given(issued(), new KeyRevoked(POLICY)).when(leak).expect(new LeakReported(1));
      given(issued(), ROTATED, new SecretRetired(1)).when(leak).expect(new LeakReported(1));
      given(issued(), new KeyRotated(2, SECOND, NOW)).when(leak).expect(new LeakReported(1));
      given(issued(), ROTATED, new KeyRotated(3, FIRST, NOW.plus(DAY)))
          .when(leak)
          .expect(new LeakReported(1));
    }

    @Test
    void addsNothingTheSecondTime() {
      var leak = new ReportLeak(KEY, now, 1);
      given(issued(), new LeakReported(1), new KeyRevoked(LEAKED)).when(leak).expect();
      given(issued(), ROTATED, new LeakReported(1), new SecretRetired(1)).when(leak).expect();
      given(issued(), new KeyRevoked(POLICY), new LeakReported(1)).when(leak).expect();
    }
  }

  @Nested
  class GivingUpSecrets {
    private static final KeyEvent ROTATED = new KeyRotated(2, SECOND, NOW.plus(DAY));

    @Test
    void followsTheGenerationAsAReportOfALeakDoesButReportsNone() {
      for (KeyIssued key : List.of(issued(), issuedUntil(NOW.minus(DAY)))) {
        given(key)
            .when(new GiveUpSecret(KEY, now, 1, UNSPECIFIED))
            .expect(new KeyRevoked(UNSPECIFIED));
        given(key, ROTATED)
            .when(new GiveUpSecret(KEY, now, 1, UNSPECIFIED))
            .expect(new SecretRetired(1));
        given(key, ROTATED)
            .when(new GiveUpSecret(KEY, now, 2, NO_LONGER_USED))
            .expect(new KeyRevoked(NO_LONGER_USED));
      }
    }

    @Test
    void endsNothingThatHasEnded() {
      var giveUp = new GiveUpSecret(KEY, now, 1, UNSPECIFIED);
      given(issued(), new KeyRevoked(POLICY)).when(giveUp).expect();
      given(issued(), ROTATED, new SecretRetired(1)).when(giveUp).expect();
      given(issued(), new KeyRotated(2, SECOND, NOW)).when(giveUp).expect();
    }
  }

  @Nested
  class Changing {
    @Test
    void recordsTheDifferenceOfPermissions() {
      given(issued())
          .when(change("write:users", "read:users", "read:users"))
          .expect(new PermissionsChanged(List.of("write:users"), List.of()));
      given(issued(), new PermissionsChanged(List.of("a:b", "c:d"), List.of("read:users")))
          .when(change("c:d", "e:f"))
          .expect(new PermissionsChanged(List.of("e:f"), List.of("a:b")));
      given(issued())
          .when(change())
          .expect(new PermissionsChanged(List.of(), List.of("read:users")));
    }

    @Test
    void addsNoEventForThePermissionsItHas() {
      given(issued()).when(change("read:users")).expect();
    }

    @Test
    void staysWithinThePolicy() {
      CommandContext narrow = under(policy(Duration.ofDays(366), false, List.of("read:*")));
      given(issued())
          .when(new ChangePermissions(KEY, narrow, permissions("write:users")))
          .expect(PERMISSION_NOT_ALLOWED);
    }

    @Test
    void wantsTheCallerToCoverWhatTheKeyHasBeforeAndAfter() {
      given(issued())
          .when(
              new ChangePermissions(
                  KEY, holding("keyledger:grant:write:users"), permissions("write:users")))
          .expect(PERMISSION_CEILING);
      given(issued())
          .when(
              new ChangePermissions(
                  KEY, holding("keyledger:grant:read:users"), permissions("write:users")))
          .expect(PERMISSION_CEILING);
      given(issued())
          .when(
              new ChangePermissions(
                  KEY, holding("keyledger:grant:*:users"), permissions("write:users")))
          .expect(new PermissionsChanged(List.of("write:users"), List.of("read:users")));
    }

    @Test
    void recordsTheWholeIpAllowList() {
      IpAllowList list = IpAllowList.parse(List.of("10.0.0.0/8"));
      given(issued())
          .when(new RestrictKey(KEY, now, list))
          .expect(new RestrictionsChanged(List.of("10.0.0.0/8")));
      given(issued(), new RestrictionsChanged(List.of("10.0.0.0/8")))
          .when(new RestrictKey(KEY, now, list))
          .expect();
    }

    @Test
    void describesWhatIsSaidAndKeepsTheRest() {
      given(issued())
          .when(new DescribeKey(KEY, now, new KeyName("other"), null))
          .expect(new KeyDescribed("other", Map.of("team", "a")));
      given(issued())
          .when(new DescribeKey(KEY, now, null, new Metadata(Map.of("team", "b"))))
          .expect(new KeyDescribed("Billing", Map.of("team", "b")));
      given(issued())
          .when(
              new DescribeKey(KEY, now, new KeyName("Billing"), new Metadata(Map.of("team", "a"))))
          .expect();
      given(issued()).when(new DescribeKey(KEY, now, null, null)).expect();
    }

    @Test
    void transfersToAnotherOwner() {
      given(issued()).when(new TransferKey(KEY, now, USER)).expect(new KeyTransferred(USER));
      given(issued()).when(new TransferKey(KEY, now, APP)).expect();
    }
  }

  @Nested
  class OfEveryCommand {
    @Test
    void aKeyThatDoesNotExistIsNotFound() {
      for (Function<CommandContext, KeyCommand> command : everyCommandButRevoke()) {
        given().when(command.apply(now)).expect(NOT_FOUND);
      }
      given().when(new RevokeKey(KEY, now, POLICY)).expect(NOT_FOUND);
    }

    @Test
    void anExpiredKeyTakesRenewRevokeDescribeAndTransferOnly() {
      KeyIssued expired = issuedUntil(NOW);
      for (Function<CommandContext, KeyCommand> command :
          List.<Function<CommandContext, KeyCommand>>of(
              c -> new RotateKey(KEY, c, SECOND, null, false, null, false, null),
              c -> new RetireSecret(KEY, c),
              c -> new SuspendKey(KEY, c),
              c -> new ResumeKey(KEY, c),
              c -> new ChangePermissions(KEY, c, permissions("a:b")),
              c -> new RestrictKey(KEY, c, IpAllowList.parse(List.of("10.0.0.0/8"))))) {
        given(expired).when(command.apply(now)).expect(KEY_EXPIRED);
        given(expired).when(command.apply(at(NOW.minusMillis(1)))).expectNot(KEY_EXPIRED);
      }
      given(expired).when(renew(after(DAY))).expect(renewedUntil(NOW.plus(DAY)));
      given(expired).when(new TransferKey(KEY, now, USER)).expect(new KeyTransferred(USER));
      given(expired)
          .when(new DescribeKey(KEY, now, new KeyName("x"), null))
          .expect(new KeyDescribed("x", Map.of("team", "a")));
    }

    @Test
    void anotherVersionThanExpectedIsAMismatch() {
      var now2 =
          new CommandContext("default", Set.of(2L, 7L), NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE);
      given(issued()).when(new RevokeKey(KEY, now2, POLICY)).expect(VERSION_MISMATCH);
      given(issued(), new KeySuspended())
          .when(new RevokeKey(KEY, now2, POLICY))
          .expect(new KeyRevoked(POLICY));
      given(issued(), new KeyRevoked(POLICY), new LeakReported(1))
          .when(new RevokeKey(KEY, now2, POLICY))
          .expect(VERSION_MISMATCH);
    }

    @Test
    void eventsOfTimersMoveNoVersion() {
      var now1 =
          new CommandContext("default", Set.of(1L), NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE);
      given(issued(), new ExpiryApproaching(DAY, NOW.plus(DAY)), new KeyExpired(NOW.plus(DAY)))
          .when(new RevokeKey(KEY, now1, POLICY))
          .expect(new KeyRevoked(POLICY));
    }

    @Test
    void theCallerCoversTheKeyUnlessItOnlyLosesPower() {
      for (Function<CommandContext, KeyCommand> command :
          List.<Function<CommandContext, KeyCommand>>of(
              c -> new RenewKey(KEY, c, after(Duration.ofDays(200)), false),
              c -> new RotateKey(KEY, c, SECOND, null, false, null, false, null),
              c -> new ResumeKey(KEY, c),
              c -> new RestrictKey(KEY, c, IpAllowList.parse(List.of())),
              c -> new DescribeKey(KEY, c, null, null),
              c -> new TransferKey(KEY, c, USER))) {
        given(issued()).when(command.apply(holdingNothing())).expect(PERMISSION_CEILING);
        given(issued())
            .when(command.apply(holding("keyledger:grant:read:*")))
            .expectNot(PERMISSION_CEILING);
      }
      given(issued()).when(new SuspendKey(KEY, holdingNothing())).expect(new KeySuspended());
      given(issued(), new KeyRotated(2, SECOND, NOW.plus(DAY)))
          .when(new RetireSecret(KEY, holdingNothing()))
          .expect(new SecretRetired(1));
    }

    @Test
    void theOrderOfChecksIsTheContracts() {
      // 412, 422, 403, 409, then the expiry that would shorten the life: each with all that
      // follows it wrong as well.
      var wrong =
          new CommandContext(
              "default", Set.of(9L), NOW, WorkspacePolicy.DEFAULT, holdingNothing().ceiling());
      given(issued(), new KeyRevoked(POLICY))
          .when(new RenewKey(KEY, wrong, after(Duration.ZERO), false))
          .expect(VERSION_MISMATCH);
      given(issued(), new KeyRevoked(POLICY))
          .when(new RenewKey(KEY, holdingNothing(), after(Duration.ZERO), false))
          .expect(LIFETIME_NOT_ALLOWED);
      given(issued(), new KeyRevoked(POLICY))
          .when(new RenewKey(KEY, holdingNothing(), after(DAY), false))
          .expect(PERMISSION_CEILING);
      given(issued(), new KeyRevoked(POLICY))
          .when(new RenewKey(KEY, now, after(DAY), false))
          .expect(KEY_REVOKED);
      given(issuedUntil(NOW.minus(Duration.ofDays(30))), new KeySuspended())
          .when(new RenewKey(KEY, now, after(DAY), false))
          .expect(RENEWAL_WINDOW_CLOSED);
    }

    @Test
    void theStateHasPrecedenceOverAFieldThatDoesNotFitIt() {
      KeyIssued later = issued(NOW.plus(DAY), NOW.plus(DAY.multipliedBy(9)), null);
      RenewKey shorter = renew(after(DAY));
      given(later).when(shorter).expect(NEVER_ACTIVE);
      given(later, new KeyRevoked(POLICY)).when(shorter).expect(KEY_REVOKED);
      given(issued()).when(shorter).expect(EXPIRY_WOULD_SHORTEN);
      given(issued(), new KeyRevoked(POLICY)).when(shorter).expect(KEY_REVOKED);
      given(later, new KeyRevoked(POLICY))
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(DAY), false, null))
          .expect(KEY_REVOKED);
      given(later, new KeyRotated(2, FIRST, NOW.plus(DAY)))
          .when(new RotateKey(KEY, now, SECOND, DAY, false, after(DAY), false, null))
          .expect(ROTATION_IN_PROGRESS);
      var closed =
          new CommandContext(
              "default", null, NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE, true, 0, 0);
      given(later).when(new RenewKey(KEY, closed, after(DAY), false)).expect(WORKSPACE_CLOSED);
      given(issued()).when(new RenewKey(KEY, closed, after(DAY), false)).expect(WORKSPACE_CLOSED);
    }
  }

  @Nested
  class FullHistories {
    private static final long MAX = KeyDecider.EVENTS_MAX;

    @Test
    void everyCommandButThoseThatEndTheKeyIsRefusedPastTheLimit() {
      given(withEvents(MAX - 1, issued())).when(new SuspendKey(KEY, now)).expectAccepted();
      for (Function<CommandContext, KeyCommand> command : everyCommandButRevoke()) {
        KeyCommand applicable = command.apply(now);
        KeyEvent[] extra =
            switch (applicable) {
              case ResumeKey _ -> new KeyEvent[] {new KeySuspended()};
              case RetireSecret _ -> new KeyEvent[] {new KeyRotated(2, SECOND, NOW.plus(DAY))};
              case CancelPlan _ -> new KeyEvent[] {new SuspensionPlanned(NOW.plus(DAY))};
              default -> new KeyEvent[0];
            };
        given(withEvents(MAX - extra.length, issued()), extra)
            .when(applicable)
            .expect(HISTORY_FULL);
      }
    }

    @Test
    void aFullHistoryHasPrecedenceOverAFieldThatDoesNotFitTheKey() {
      given(withEvents(MAX - 1, issued())).when(renew(after(DAY))).expect(EXPIRY_WOULD_SHORTEN);
      given(withEvents(MAX, issued())).when(renew(after(DAY))).expect(HISTORY_FULL);
    }

    @Test
    void aCommandWithoutEventsIsNotRefused() {
      given(withEvents(MAX, issued())).when(new DescribeKey(KEY, now, null, null)).expect();
    }

    @Test
    void theKeyCanBeEnded() {
      KeyState full = withEvents(MAX, issued());
      given(full).when(new RevokeKey(KEY, now, POLICY)).expect(new KeyRevoked(POLICY));
      given(full)
          .when(new ReportLeak(KEY, now, 1))
          .expect(new LeakReported(1), new KeyRevoked(LEAKED));
      given(full)
          .when(new GiveUpSecret(KEY, now, 1, UNSPECIFIED))
          .expect(new KeyRevoked(UNSPECIFIED));
    }

    @Test
    void aReportThatEndsNothingIsNotNoted() {
      var dead = new ReportLeak(KEY, now, 1);
      var rotated = new KeyRotated(2, SECOND, NOW);
      given(withEvents(MAX - 2, issued()), rotated).when(dead).expect(new LeakReported(1));
      given(withEvents(MAX - 1, issued()), rotated).when(dead).expect();
    }

    /** Returns a key that has so many events. */
    private static KeyState withEvents(long events, KeyIssued issued) {
      KeyState state = new KeyState.NotIssued().evolve(issued);
      for (long i = 1; i < events; i++) {
        state = state.evolve(new KeyTransferred(APP));
      }
      return state;
    }

    private static Given given(KeyState state, KeyEvent... events) {
      KeyState last = state;
      for (KeyEvent event : events) {
        last = last.evolve(event);
      }
      return new Given(last);
    }
  }

  @Nested
  class Operators {
    private static final Instant END = NOW.plus(Duration.ofDays(90));
    private static final IpAllowList OFFICE = IpAllowList.parse(List.of("192.0.2.0/24"));

    /** The context of a caller who may change operators, until {@link #END} and from the office. */
    private final CommandContext context =
        new CommandContext(
            "default",
            null,
            NOW,
            WorkspacePolicy.DEFAULT,
            new Ceiling(PermissionSet.of(List.of("keyledger:*")), END, OFFICE));

    @Test
    void liveNoLongerThanTheirIssuer() {
      given().when(issue(END, "192.0.2.7")).expectAccepted();
      given().when(issue(END.plusMillis(1), "192.0.2.7")).expect(PERMISSION_CEILING);
      given(operator(END, "192.0.2.7"))
          .when(new RenewKey(KEY, context, new RequestedExpiry.At(END), false))
          .expectAccepted();
      given(operator(END, "192.0.2.7"))
          .when(new RenewKey(KEY, context, new RequestedExpiry.At(END.plusMillis(1)), false))
          .expect(PERMISSION_CEILING);
    }

    @Test
    void areGoodNowhereElse() {
      given().when(issue(END, "192.0.2.0/24")).expectAccepted();
      given().when(issue(END, "192.0.2.0/23")).expect(PERMISSION_CEILING);
      given().when(issue(END)).expect(PERMISSION_CEILING);
      for (String elsewhere : List.of("192.0.3.1", "0.0.0.0/0", "::/0")) {
        given(operator(END, "192.0.2.7"))
            .when(new RestrictKey(KEY, context, IpAllowList.parse(List.of(elsewhere))))
            .expect(PERMISSION_CEILING);
      }
      given(operator(END, "192.0.2.7"))
          .when(new RestrictKey(KEY, context, IpAllowList.ANY))
          .expect(PERMISSION_CEILING);
      given(operator(END, "192.0.2.7"))
          .when(new RestrictKey(KEY, context, OFFICE))
          .expectAccepted();
    }

    @Test
    void areNotToBeHadByWhoIsLess() {
      KeyIssued longer = operator(END.plusMillis(1), "192.0.2.7");
      given(longer)
          .when(new RotateKey(KEY, context, SECOND, null, false, null, false, null))
          .expect(PERMISSION_CEILING);
      given(longer)
          .when(new DescribeKey(KEY, context, new KeyName("x"), null))
          .expect(PERMISSION_CEILING);
      given(longer).when(new TransferKey(KEY, context, USER)).expect(PERMISSION_CEILING);
      given(longer).when(new SuspendKey(KEY, context)).expectAccepted();
      given(longer).when(new RevokeKey(KEY, context, POLICY)).expectAccepted();
    }

    @Test
    void doNotComeFromKeysThatLiveLonger() {
      CommandContext granting =
          new CommandContext(
              "default",
              null,
              NOW,
              WorkspacePolicy.DEFAULT,
              new Ceiling(
                  PermissionSet.of(List.of("keyledger:keys:read", "keyledger:grant:read:*")),
                  END,
                  IpAllowList.ANY));
      given(issuedUntil(END.plusMillis(1)))
          .when(new ChangePermissions(KEY, granting, permissions("keyledger:keys:read")))
          .expect(PERMISSION_CEILING);
      given(issuedUntil(END))
          .when(new ChangePermissions(KEY, granting, permissions("keyledger:keys:read")))
          .expectAccepted();
      given(issuedUntil(END.plusMillis(1)))
          .when(new ChangePermissions(KEY, granting, permissions("read:orders")))
          .expectAccepted();
    }

    private IssueKey issue(Instant end, String... places) {
      return new IssueKey(
          KEY,
          context,
          new KeySpecification(
              new KeyName("Operator"),
              APP,
              Environment.LIVE,
              permissions("keyledger:keys:read"),
              new RequestedExpiry.At(end),
              null,
              IpAllowList.parse(List.of(places)),
              new Metadata(Map.of())),
          FIRST);
    }

    private static KeyIssued operator(Instant end, String... places) {
      return new KeyIssued(
          "Operator",
          APP,
          Environment.LIVE,
          FIRST,
          List.of("keyledger:keys:read"),
          null,
          end,
          end.plus(Duration.ofDays(30)),
          REMINDERS,
          List.of(places),
          Map.of());
    }
  }

  @Nested
  class Values {
    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "\uD800"})
    void aNameIsLegalText(String text) {
      assertThat(catchIllegal(() -> new KeyName(text))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          " ",
          "\u00a0\u2003\u3000",
          "\u2800",
          "\ufe0f",
          "a\tb",
          "a\nb",
          "a\u001b[31mb",
          "a\u007f",
          "a\u0085b",
          "a\u00adb",
          "a\u034fb",
          "a\u200bb",
          "a\u200db",
          "a\u2060b",
          "\ufeffa",
          "a\u180eb",
          "\u3164",
          "a\u061cb",
          "a\u200eb",
          "a\u202eb",
          "a\u2066b\u2069",
          "a\u2028b",
          "a\udb40\udc41", // a tag
        })
    void aNameIsVisible(String text) {
      assertThat(catchIllegal(() -> new KeyName(text))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "a b",
          "a\u00a0b",
          "Nächtlicher Export №1",
          "مفتاح",
          "מפתח",
          "鍵",
          "❤\ufe0f",
          "e\u0301",
          "\u2801\u2800"
        })
    void aNameIsInAnyScript(String text) {
      assertThat(new KeyName(text).value()).isEqualTo(text);
    }

    @Test
    void aNameHasUpToOneHundredCharacters() {
      assertThat(new KeyName("😀".repeat(100)).value()).hasSize(200);
      assertThat(catchIllegal(() -> new KeyName("x".repeat(101)))).isTrue();
    }

    @Test
    void metadataHasUpToFiftyEntriesAndFourKibibytes() {
      assertThat(new Metadata(entries(50)).entries()).hasSize(50);
      assertThat(catchIllegal(() -> new Metadata(entries(51)))).isTrue();
      assertThat(new Metadata(Map.of("é", "x".repeat(4094))).entries()).hasSize(1);
      assertThat(catchIllegal(() -> new Metadata(Map.of("é", "x".repeat(4095))))).isTrue();
      assertThat(catchIllegal(() -> new Metadata(Map.of("k", "\0")))).isTrue();
      assertThat(catchIllegal(() -> new Metadata(Map.of("\0", "v")))).isTrue();
    }

    private static Map<String, String> entries(int count) {
      var entries = new java.util.HashMap<String, String>();
      for (int i = 0; i < count; i++) {
        entries.put("k" + i, "v");
      }
      return entries;
    }

    private static boolean catchIllegal(Runnable action) {
      try {
        action.run();
        return false;
      } catch (IllegalArgumentException expected) {
        return true;
      }
    }
  }

  // The domain language of these tests.

  static Given given(KeyEvent... events) {
    KeyState state = new KeyState.NotIssued();
    for (KeyEvent event : events) {
      state = state.evolve(event);
    }
    return new Given(state);
  }

  record Given(KeyState state) {
    When when(KeyCommand command) {
      return new When(KeyDecider.decide(state, command));
    }
  }

  record When(Outcome outcome) {
    void expect(KeyEvent... events) {
      assertThat(outcome).isEqualTo(new Outcome.Accepted(List.of(events)));
    }

    void expectAccepted() {
      assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    }

    void expect(Outcome.Reason reason) {
      assertThat(outcome)
          .isInstanceOfSatisfying(
              Outcome.Rejected.class,
              rejected -> {
                assertThat(rejected.reason()).isEqualTo(reason);
                assertThat(rejected.detail()).isNotBlank();
              });
    }

    void expectNot(Outcome.Reason reason) {
      if (outcome instanceof Outcome.Rejected rejected) {
        assertThat(rejected.reason()).isNotEqualTo(reason);
      }
    }
  }

  static KeySpecification wanted(RequestedExpiry expiry) {
    return wanted(expiry, null);
  }

  static KeySpecification wanted(RequestedExpiry expiry, Instant notBefore) {
    return new KeySpecification(
        new KeyName("Billing"),
        APP,
        Environment.LIVE,
        permissions("read:users"),
        expiry,
        notBefore,
        IpAllowList.parse(List.of()),
        new Metadata(Map.of("team", "a")));
  }

  static KeyIssued issued() {
    return issuedUntil(NOW.plus(Duration.ofDays(90)));
  }

  static KeyIssued issuedUntil(Instant expiresAt) {
    return issued(null, expiresAt, expiresAt.plus(Duration.ofDays(30)));
  }

  static KeyIssued issued(Instant notBefore, Instant expiresAt, Instant renewableUntil) {
    return new KeyIssued(
        "Billing",
        APP,
        Environment.LIVE,
        FIRST,
        List.of("read:users"),
        notBefore,
        expiresAt,
        renewableUntil,
        remindersBefore(expiresAt),
        List.of(),
        Map.of("team", "a"));
  }

  /** Returns those that are due after {@link #NOW}. */
  static List<Duration> remindersBefore(Instant expiresAt) {
    return expiresAt == null
        ? List.of()
        : REMINDERS.stream().filter(r -> expiresAt.minus(r).isAfter(NOW)).toList();
  }

  static KeyRenewed renewedUntil(Instant expiresAt) {
    return new KeyRenewed(
        expiresAt, expiresAt.plus(Duration.ofDays(30)), remindersBefore(expiresAt));
  }

  RenewKey renew(RequestedExpiry expiry) {
    return new RenewKey(KEY, now, expiry, false);
  }

  /** Returns a rotation under the policy's default quiet. */
  static KeyRotated rotated(int generation, StoredSecret secret, Instant overlapEndsAt) {
    return new KeyRotated(generation, secret, overlapEndsAt, null, HOUR);
  }

  RotateKey rotate(Duration overlap) {
    return new RotateKey(KEY, now, SECOND, overlap, false, null, false, null);
  }

  ChangePermissions change(String... permissions) {
    return new ChangePermissions(KEY, now, permissions(permissions));
  }

  static RequestedExpiry after(Duration lifetime) {
    return new RequestedExpiry.After(lifetime);
  }

  static List<Permission> permissions(String... values) {
    return List.of(values).stream().map(Permission::new).toList();
  }

  static CommandContext at(Instant time) {
    return new CommandContext("default", null, time, WorkspacePolicy.DEFAULT, Ceiling.NONE);
  }

  static CommandContext under(WorkspacePolicy policy) {
    return new CommandContext("default", null, NOW, policy, Ceiling.NONE);
  }

  static CommandContext holding(String... permissions) {
    return new CommandContext(
        "default",
        null,
        NOW,
        WorkspacePolicy.DEFAULT,
        new Ceiling(PermissionSet.of(List.of(permissions))));
  }

  static CommandContext holdingNothing() {
    return holding();
  }

  static WorkspacePolicy policy(Duration maxLifetime, boolean noExpiry, List<String> allowed) {
    WorkspacePolicy usual = WorkspacePolicy.DEFAULT;
    return new WorkspacePolicy(
        usual.defaultLifetime(),
        maxLifetime,
        noExpiry,
        usual.renewalWindow(),
        usual.defaultOverlap(),
        usual.reminders(),
        allowed,
        usual.maxKeys(),
        null,
        null,
        null);
  }

  static List<Function<CommandContext, KeyCommand>> everyCommandButRevoke() {
    return List.of(
        c -> new RenewKey(KEY, c, after(Duration.ofDays(200)), false),
        c -> new RotateKey(KEY, c, SECOND, null, false, null, false, null),
        c -> new RetireSecret(KEY, c),
        c -> new SuspendKey(KEY, c),
        c -> new ResumeKey(KEY, c),
        c -> new PlanSuspension(KEY, c, NOW.plus(Duration.ofDays(200))),
        c -> new CancelPlan(KEY, c),
        c -> new ChangePermissions(KEY, c, permissions("a:b")),
        c -> new RestrictKey(KEY, c, IpAllowList.parse(List.of("10.0.0.0/8"))),
        c -> new DescribeKey(KEY, c, new KeyName("x"), null),
        c -> new TransferKey(KEY, c, USER));
  }
}
