package dev.keyledger.verification;

import static dev.keyledger.verification.decision.DecisionCode.EXPIRED;
import static dev.keyledger.verification.decision.DecisionCode.INSUFFICIENT_PERMISSIONS;
import static dev.keyledger.verification.decision.DecisionCode.IP_NOT_ALLOWED;
import static dev.keyledger.verification.decision.DecisionCode.ISSUER_INVALID;
import static dev.keyledger.verification.decision.DecisionCode.MALFORMED;
import static dev.keyledger.verification.decision.DecisionCode.NOT_FOUND;
import static dev.keyledger.verification.decision.DecisionCode.NOT_YET_ACTIVE;
import static dev.keyledger.verification.decision.DecisionCode.REVOKED;
import static dev.keyledger.verification.decision.DecisionCode.ROTATED_OUT;
import static dev.keyledger.verification.decision.DecisionCode.SUSPENDED;
import static dev.keyledger.verification.decision.DecisionCode.VALID;
import static dev.keyledger.verification.decision.DecisionCode.WRONG_ENVIRONMENT;
import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Condition;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.index.FoundKey;
import dev.keyledger.verification.index.Ledger;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyVerifierTest {
  private static final Instant END = Ledger.START.plus(Duration.ofDays(90));
  private static final KeyRevoked REVOCATION = new KeyRevoked(RevocationReason.LEAKED);

  private final Ledger ledger = new Ledger();
  private final KeySecret secret = ledger.secret();
  private final KeyVerifier verifier = new KeyVerifier(Ledger.FORMAT, Ledger.PEPPERS, ledger.index);

  @Test
  void aKeyIsValidWithItsSecretOnly() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    Decision decision = check();
    assertThat(decision.code()).isEqualTo(VALID);
    assertThat(decision.valid()).isTrue();
    assertThat(decision.key()).isNotNull().extracting(view -> view.keyId()).isEqualTo(key);
    assertThat(decision.generation()).isEqualTo(1);
    assertThat(decision.missingPermissions()).isEmpty();
    assertThat(decision.conditions()).isEmpty();
    assertThat(decision.position()).isEqualTo(1);
    assertDecidedBy(decision, KeyIssued.class, 1);

    Decision miss = check(ledger.secret());
    assertThat(miss).isEqualTo(Decision.miss(NOT_FOUND, 1));
    assertThat(miss.valid()).isFalse();
    assertThat(miss.renewalDue(END)).isFalse();
  }

  @Test
  void anImportedKeyIsValidInItsWorkspaceOnly() {
    var own = KeySecret.of("sk-their-own-format");
    ledger.importKey(DEFAULT_SPEC, own);
    assertThat(check(own).code()).isEqualTo(VALID);
    assertDecidedBy(check(own), KeyImported.class, 1);
    assertThat(check(Check.of(own, "other")).code()).isEqualTo(NOT_FOUND);
  }

  @Test
  void anImportedSecretOfMintedFormWithAWrongChecksumIsAHit() {
    var misspelt =
        KeySecret.of(
            secret.revealToItsCaller().substring(0, secret.revealToItsCaller().length() - 1)
                + "_x");
    var nearMiss = nearMiss();
    assertThat(check(nearMiss).code()).isEqualTo(MALFORMED);
    ledger.importKey(DEFAULT_SPEC, nearMiss);
    assertThat(check(nearMiss).code()).isEqualTo(VALID);
    assertThat(check(misspelt).code()).isEqualTo(NOT_FOUND);
  }

  @Test
  void workspacesNeitherSeeNorSquatEachOthersKeys() {
    ledger.issue(DEFAULT_SPEC.in("acme"), secret);
    assertThat(check(Check.of(secret, "acme")).code()).isEqualTo(VALID);
    assertThat(check(Check.of(secret, "evil")).code()).isEqualTo(NOT_FOUND);

    KeyId squatter = ledger.importKey(DEFAULT_SPEC.in("evil"), secret);
    assertThat(check(Check.of(secret, "acme")).code()).isEqualTo(VALID);
    Decision theirs = check(Check.of(secret, "evil"));
    assertThat(theirs.key()).isNotNull().extracting(view -> view.keyId()).isEqualTo(squatter);
  }

  @Test
  void aLeakIsLookedUpInTheWorkspacesThatImportedSomething() {
    KeySecret shared = ledger.secret();
    KeyId here = ledger.importKey(DEFAULT_SPEC.in("acme").under(1), shared);
    KeyId there = ledger.importKey(DEFAULT_SPEC.in("other"), shared);
    KeyId minted = ledger.issue(DEFAULT_SPEC.in("third"), secret);
    ledger.rotate(here, 2, ledger.secret(), ledger.now());
    ledger.add(there, REVOCATION);

    assertThat(withSecret(shared, null)).containsExactlyInAnyOrder(here, there);
    assertThat(withSecret(shared, "acme")).containsExactly(here);
    assertThat(withSecret(shared, "third")).isEmpty();
    assertThat(withSecret(secret, null)).containsExactly(minted);
    assertThat(withSecret(secret, "third")).containsExactly(minted);
    assertThat(withSecret(secret, "acme")).isEmpty();
  }

  @Test
  void theLookupsOfALeakDoNotDependOnWorkspacesThatImportedNothing() {
    ledger.issue(DEFAULT_SPEC.in("w1"), ledger.secret());
    assertLookups(2, null);
    for (int i = 2; i <= 1_000; i++) {
      ledger.addToWorkspace("w" + i, new WorkspaceOpened(WorkspacePolicy.DEFAULT));
      ledger.issue(DEFAULT_SPEC.in("w" + i), ledger.secret());
    }
    assertLookups(2, null);
    assertLookups(2, "w7");

    ledger.importKey(DEFAULT_SPEC.in("w7").under(1), ledger.secret());
    ledger.importKey(DEFAULT_SPEC.in("w7").under(1), ledger.secret());
    ledger.importKey(DEFAULT_SPEC.in("w8"), ledger.secret());
    assertLookups(4, null);
    assertLookups(3, "w7");
    assertLookups(2, "w9");
  }

  private void assertLookups(int lookups, @Nullable String workspace) {
    assertThat(verifier.digestsOf(secret, workspace)).doesNotHaveDuplicates().hasSize(lookups);
    assertThat(verifier.lookupsPerSecret(workspace)).isEqualTo(lookups);
  }

  private List<KeyId> withSecret(KeySecret presented, @Nullable String workspace) {
    return verifier.keysWith(presented, workspace).stream().map(FoundKey::keyId).toList();
  }

  @Test
  void aClosedWorkspaceKnowsNoKeys() {
    ledger.addToWorkspace("default", new WorkspaceOpened(WorkspacePolicy.DEFAULT));
    ledger.issue(DEFAULT_SPEC, secret);
    assertThat(check().code()).isEqualTo(VALID);
    ledger.addToWorkspace("other", new WorkspaceClosed());
    assertThat(check().code()).isEqualTo(VALID);
    ledger.addToWorkspace("default", new WorkspaceClosed());
    assertThat(check()).isEqualTo(Decision.miss(NOT_FOUND, 4));
  }

  @Test
  void aRetiredPepperServesTheKeysThatNeedIt() {
    KeyId key = ledger.issue(DEFAULT_SPEC.under(1), secret);
    var current = ledger.secret();
    ledger.issue(DEFAULT_SPEC, current);
    assertThat(check().code()).isEqualTo(VALID);
    assertThat(check(current).code()).isEqualTo(VALID);

    var own = KeySecret.of("sk-their-own-format");
    ledger.importKey(DEFAULT_SPEC.under(1), own);
    ledger.add(key, REVOCATION);
    assertThat(check().code()).as("an imported key still needs it").isEqualTo(REVOKED);
    assertThat(check(own).code()).isEqualTo(VALID);
  }

  @Test
  void aRevokedKeyStaysRevoked() {
    KeyId key = ledger.issue(DEFAULT_SPEC.until(END, null), secret);
    ledger.add(key, REVOCATION);
    assertThat(check().code()).isEqualTo(REVOKED);
    assertDecidedBy(check(), KeyRevoked.class, 2);
    ledger.add(key, new KeyRenewed(null, null, List.of()));
    ledger.add(key, new LeakReported(1));
    assertThat(check().code()).isEqualTo(REVOKED);
    assertDecidedBy(check(), KeyRevoked.class, 2);
  }

  @Test
  void aSuspendedKeyCanBeResumed() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new KeySuspended());
    assertThat(check().code()).isEqualTo(SUSPENDED);
    assertDecidedBy(check(), KeySuspended.class, 2);
    ledger.add(key, new KeyResumed());
    assertThat(check().code()).isEqualTo(VALID);
    assertDecidedBy(check(), KeyResumed.class, 3);
    ledger.add(key, REVOCATION);
    assertDecidedBy(check(), KeyRevoked.class, 4);
  }

  @Test
  void aPlannedRevocationTakesEffectAtItsTimeAndByItself() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new RevocationPlanned(END, RevocationReason.SUPERSEDED));
    assertThat(check(END.minusNanos(1)).code()).isEqualTo(VALID);
    assertDecidedBy(check(END.minusNanos(1)), KeyIssued.class, 1);
    assertThat(check(END).code()).isEqualTo(REVOKED);
    assertDecidedBy(check(END), RevocationPlanned.class, 2);

    ledger.add(key, new KeySuspended());
    assertThat(check(END.minusNanos(1)).code()).isEqualTo(SUSPENDED);
    assertThat(check(END).code()).isEqualTo(REVOKED);
    assertDecidedBy(check(END), RevocationPlanned.class, 2);
    ledger.add(key, new KeyResumed());
    ledger.add(key, new KeyRenewed(null, null, List.of()));
    assertThat(check(END).code()).isEqualTo(REVOKED);

    ledger.add(key, new KeyRevoked(RevocationReason.SUPERSEDED));
    assertThat(check(END.minusNanos(1)).code()).isEqualTo(REVOKED);
    assertDecidedBy(check(END), KeyRevoked.class, 6);
  }

  @Test
  void aPlannedSuspensionTakesEffectAtItsTimeAndByItself() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new SuspensionPlanned(END));
    assertThat(check(END.minusNanos(1)).code()).isEqualTo(VALID);
    assertThat(check(END).code()).isEqualTo(SUSPENDED);
    assertDecidedBy(check(END), SuspensionPlanned.class, 2);

    ledger.add(key, new KeySuspended());
    assertDecidedBy(check(END), KeySuspended.class, 3);
    ledger.add(key, new KeyResumed());
    assertThat(check(END).code()).as("the plan is done").isEqualTo(VALID);
    assertDecidedBy(check(END), KeyResumed.class, 4);
  }

  @Test
  void aCancelledPlanTakesNoEffect() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new RevocationPlanned(END, RevocationReason.POLICY));
    ledger.add(key, new PlanCancelled());
    assertThat(check(END).code()).isEqualTo(VALID);
    ledger.add(key, new SuspensionPlanned(END));
    assertDecidedBy(check(END), SuspensionPlanned.class, 4);
  }

  @Test
  void noRenewalIsDueOfAKeyThatIsRevokedBeforeItExpires() {
    Instant due = END.minus(Duration.ofDays(30));
    for (Instant revoked : List.of(END, END.plusNanos(1))) {
      KeySecret one = ledger.secret();
      KeyId key = ledger.issue(DEFAULT_SPEC.until(END, null), one);
      assertThat(check(one).renewalDue(due)).isTrue();
      ledger.add(key, new RevocationPlanned(revoked, RevocationReason.POLICY));
      assertThat(check(one).renewalDue(due)).isEqualTo(revoked.isAfter(END));
      ledger.add(key, new PlanCancelled());
      assertThat(check(one).renewalDue(due)).isTrue();
      ledger.add(key, new SuspensionPlanned(revoked));
      assertThat(check(one).renewalDue(due)).isTrue();
      ledger.add(key, REVOCATION);
      assertThat(check(one).renewalDue(due)).isFalse();
    }
  }

  @Test
  void aKeyBecomesValidAtNotBefore() {
    Instant begin = Ledger.START.plusSeconds(60);
    ledger.issue(DEFAULT_SPEC.from(begin), secret);
    Decision early = check(begin.minusNanos(1));
    assertThat(early.code()).isEqualTo(NOT_YET_ACTIVE);
    assertDecidedBy(early, KeyIssued.class, 1);
    assertThat(check(begin).code()).isEqualTo(VALID);
  }

  @Test
  void aKeyExpiresAtExpiresAtAndARenewalMovesIt() {
    KeyId key = ledger.issue(DEFAULT_SPEC.until(END, null), secret);
    assertThat(check(END.minusNanos(1)).code()).isEqualTo(VALID);
    assertThat(check(END).code()).isEqualTo(EXPIRED);
    assertDecidedBy(check(END), KeyIssued.class, 1);
    ledger.add(key, new KeyExpired(END));
    assertDecidedBy(check(END), KeyIssued.class, 1);

    Instant later = END.plusSeconds(1);
    ledger.add(key, new KeyRenewed(later, null, List.of()));
    assertThat(check(END).code()).isEqualTo(VALID);
    assertDecidedBy(check(END), KeyRenewed.class, 3);
    assertThat(check(later).code()).isEqualTo(EXPIRED);
    assertDecidedBy(check(later), KeyRenewed.class, 3);
  }

  @Test
  void aRenewalIsDueFromTheFirstReminderOn() {
    ledger.issue(DEFAULT_SPEC.until(END, null), secret);
    Instant due = END.minus(Duration.ofDays(30));
    assertThat(check().renewalDue(due.minusNanos(1))).isFalse();
    assertThat(check().renewalDue(due)).isTrue();
  }

  @Test
  void anOldSecretLivesUntilTheOverlapEnds() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    var second = ledger.secret();
    Instant overlapEnd = Ledger.START.plus(Duration.ofDays(1));
    ledger.rotate(key, 2, second, overlapEnd);

    assertThat(check(overlapEnd.minusNanos(1)).code()).isEqualTo(VALID);
    assertThat(check(overlapEnd.minusNanos(1)).generation()).isEqualTo(1);
    assertDecidedBy(check(overlapEnd.minusNanos(1)), KeyRotated.class, 2);
    Decision late = check(overlapEnd);
    assertThat(late.code()).isEqualTo(ROTATED_OUT);
    assertThat(late.generation()).isEqualTo(1);
    assertDecidedBy(late, KeyRotated.class, 2);
    Decision current = check(Check.of(second, "default"), overlapEnd);
    assertThat(current.code()).isEqualTo(VALID);
    assertThat(current.generation()).isEqualTo(2);
  }

  @Test
  void anOldSecretWhoseOverlapWaitsLivesUntilItsOverlapHasBegunAndEnded() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    Duration overlap = Duration.ofHours(1);
    Instant latest = Ledger.START.plus(Duration.ofDays(30)).plus(overlap);
    ledger.add(key, new KeyRotated(2, Ledger.stored(ledger.secret(), 2), latest, overlap, overlap));
    assertThat(check(latest.minusNanos(1)).code()).isEqualTo(VALID);
    assertThat(found(Ledger.START).overlapEndsAt(Ledger.START)).isNull();
    assertThat(found(Ledger.START).hasOverlapAt(Ledger.START)).isTrue();
    assertThat(check(latest).code()).as("without an event").isEqualTo(ROTATED_OUT);
    assertDecidedBy(check(latest), KeyRotated.class, 2);

    Instant end = Ledger.START.plus(overlap);
    ledger.add(key, new OverlapStarted(2, end, true));
    ledger.add(key, new RotationCompleted(2, true));
    assertThat(check(end.minusNanos(1)).code()).isEqualTo(VALID);
    assertThat(found(Ledger.START).overlapEndsAt(Ledger.START)).isEqualTo(end);
    assertThat(check(end).code()).isEqualTo(ROTATED_OUT);
    assertDecidedBy(check(end), OverlapStarted.class, 3);
    assertThat(found(end).hasOverlapAt(end)).isFalse();
  }

  private PresentedKey found(Instant now) {
    return requireNonNull(check(now).found());
  }

  @Test
  void aRetiredSecretIsInvalidAtOnce() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.rotate(key, 2, ledger.secret(), END);
    assertThat(check().code()).isEqualTo(VALID);
    ledger.add(key, new SecretRetired(1));
    assertThat(check().code()).isEqualTo(ROTATED_OUT);
    assertDecidedBy(check(), SecretRetired.class, 3);
    assertThat(check(Ledger.START).code()).as("by a clock that is behind").isEqualTo(ROTATED_OUT);
  }

  @Test
  void aRotationThatClosesAnOpenOverlapEndsTheOldSecret() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    var second = ledger.secret();
    ledger.rotate(key, 2, second, END);
    ledger.rotate(key, 3, ledger.secret(), END);
    assertThat(check().code()).isEqualTo(ROTATED_OUT);
    assertDecidedBy(check(), KeyRotated.class, 3);
    assertThat(check(second).code()).isEqualTo(VALID);
    Decision secondLate = check(Check.of(second, "default"), END);
    assertThat(secondLate.code()).isEqualTo(ROTATED_OUT);
    assertDecidedBy(secondLate, KeyRotated.class, 3);
  }

  @Test
  void aSecretThatTheClockEndedStaysEndedByItsRotation() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.rotate(key, 2, ledger.secret(), Ledger.START);
    assertDecidedBy(check(), KeyRotated.class, 2);
    ledger.add(key, new SecretRetired(1));
    assertDecidedBy(check(), KeyRotated.class, 2);
    ledger.rotate(key, 3, ledger.secret(), END);
    ledger.rotate(key, 4, ledger.secret(), END);
    assertThat(check().code()).isEqualTo(ROTATED_OUT);
    assertDecidedBy(check(), KeyRotated.class, 2);
    assertThat(check().generation()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "LIVE, LIVE, true",
    "TEST, TEST, true",
    "LIVE, TEST, false",
    "TEST, LIVE, false",
  })
  void aKeyIsValidInItsEnvironment(Environment issued, Environment asked, boolean good) {
    ledger.issue(DEFAULT_SPEC.of(issued), secret);
    Decision decision = check(in(Set.of(asked)));
    assertThat(decision.code()).isEqualTo(good ? VALID : WRONG_ENVIRONMENT);
    assertDecidedBy(decision, KeyIssued.class, 1);
    assertThat(check(in(Check.ANY_ENVIRONMENT)).code()).isEqualTo(VALID);
  }

  @Test
  void aCheckAcceptsOnlyLiveByDefault() {
    ledger.issue(DEFAULT_SPEC.of(Environment.TEST), secret);
    assertThat(check().code()).isEqualTo(WRONG_ENVIRONMENT);
    assertThatIllegalArgumentException().isThrownBy(() -> in(Set.of()));
  }

  @Test
  void aKeyWithAnIpListIsValidFromThoseAddressesOnly() {
    KeyId key = ledger.issue(DEFAULT_SPEC.fromAddresses("203.0.113.0/24"), secret);
    assertThat(check(from("203.0.113.7")).code()).isEqualTo(VALID);
    assertThat(check(from("203.0.114.7")).code()).isEqualTo(IP_NOT_ALLOWED);
    assertThat(check(from("localhost")).code()).isEqualTo(IP_NOT_ALLOWED);
    assertThat(check(from(null)).code()).isEqualTo(IP_NOT_ALLOWED);
    assertDecidedBy(check(from(null)), KeyIssued.class, 1);

    ledger.add(key, new RestrictionsChanged(List.of("2001:db8::/32")));
    assertThat(check(from("203.0.113.7")).code()).isEqualTo(IP_NOT_ALLOWED);
    assertDecidedBy(check(from(null)), RestrictionsChanged.class, 2);
    assertThat(check(from("2001:db8::1")).code()).isEqualTo(VALID);
    ledger.add(key, new RestrictionsChanged(List.of()));
    assertThat(check(from(null)).code()).isEqualTo(VALID);
  }

  @Test
  void allOfRequiresEveryPermission() {
    ledger.issue(DEFAULT_SPEC, secret);
    assertThat(check(wanting(List.of(), List.of("read:users", "read:a:b"))).code())
        .isEqualTo(VALID);
    Decision lacking = check(wanting(List.of(), List.of("write:a", "read:b", "write:c")));
    assertThat(lacking.code()).isEqualTo(INSUFFICIENT_PERMISSIONS);
    assertThat(lacking.missingPermissions()).isEqualTo(permissions("write:a", "write:c"));
    assertDecidedBy(lacking, KeyIssued.class, 1);
  }

  @Test
  void anyOfRequiresOnePermission() {
    ledger.issue(DEFAULT_SPEC, secret);
    Decision held = check(wanting(List.of("write:a", "read:b"), List.of()));
    assertThat(held.code()).isEqualTo(VALID);
    assertThat(held.missingPermissions()).isEmpty();
    Decision lacking = check(wanting(List.of("write:a", "write:b"), List.of("write:b", "read:x")));
    assertThat(lacking.code()).isEqualTo(INSUFFICIENT_PERMISSIONS);
    assertThat(lacking.missingPermissions()).isEqualTo(permissions("write:b", "write:a"));
    Decision allOfLacking = check(wanting(List.of("read:b"), List.of("write:b")));
    assertThat(allOfLacking.missingPermissions()).isEqualTo(permissions("write:b"));
  }

  @Test
  void changedPermissionsApplyFromThenOn() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new PermissionsChanged(List.of("write:a"), List.of("read:*")));
    assertThat(check(wanting(List.of(), List.of("write:a"))).code()).isEqualTo(VALID);
    Decision lacking = check(wanting(List.of(), List.of("read:a")));
    assertThat(lacking.code()).isEqualTo(INSUFFICIENT_PERMISSIONS);
    assertDecidedBy(lacking, PermissionsChanged.class, 2);
    assertDecidedBy(check(), KeyIssued.class, 1);
  }

  @Test
  void wildcardsDoNotHoldKeyledgersOwnPermissions() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new PermissionsChanged(List.of("*:*"), List.of()));
    Check operator = wanting(List.of(), List.of("keyledger:keys:issue"));
    assertThat(check(operator).code()).isEqualTo(INSUFFICIENT_PERMISSIONS);
    ledger.add(key, new PermissionsChanged(List.of("keyledger:*"), List.of()));
    assertThat(check(operator).code()).isEqualTo(VALID);
  }

  @Test
  void aRequiredPermissionMustNotBeAPattern() {
    assertThatIllegalArgumentException().isThrownBy(() -> wanting(List.of("read:*"), List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> wanting(List.of(), List.of("*:users")));
  }

  @Test
  void eventsThatDoNotChangeValidityAreNotBehindADecision() {
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    ledger.add(key, new KeyDescribed("renamed", Map.of()));
    ledger.add(key, new KeyTransferred(new Owner(OwnerType.SERVICE, "billing")));
    assertDecidedBy(check(), KeyIssued.class, 1);
    assertThat(check().key())
        .isNotNull()
        .extracting(view -> view.facts().name())
        .isEqualTo("renamed");
  }

  @Test
  void explainShowsEveryConditionAndNotOnlyTheFirstUnmet() {
    KeyId key =
        ledger.issue(
            DEFAULT_SPEC.of(Environment.TEST).until(END, null).fromAddresses("203.0.113.7"),
            secret);
    ledger.add(key, new KeySuspended());
    var check =
        new Check(secret, "default", Check.LIVE_ONLY, List.of(), permissions("read:a"), null, true);
    assertThat(check(check, END).code()).isEqualTo(SUSPENDED);
    assertThat(check(check, END).conditions())
        .containsExactly(
            new Condition(REVOKED, true),
            new Condition(ROTATED_OUT, true),
            new Condition(SUSPENDED, false),
            new Condition(NOT_YET_ACTIVE, true),
            new Condition(EXPIRED, false),
            new Condition(ISSUER_INVALID, true),
            new Condition(WRONG_ENVIRONMENT, false),
            new Condition(IP_NOT_ALLOWED, false),
            new Condition(INSUFFICIENT_PERMISSIONS, true));
    assertThat(
            check(
                    new Check(
                        nearMiss(), "default", Check.LIVE_ONLY, List.of(), List.of(), null, true))
                .conditions())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u0000", "\ufeff", "\u200b", "\u212a", "\n", "\uff4b"})
  void aChangedSecretIsNeverNormalised(String addition) {
    ledger.issue(DEFAULT_SPEC, secret);
    for (String text :
        List.of(addition + secret.revealToItsCaller(), secret.revealToItsCaller() + addition)) {
      assertThat(check(KeySecret.of(text)).code())
          .isEqualTo(addition.isEmpty() ? VALID : MALFORMED);
    }
  }

  /** Checks an unpaired surrogate, which UTF-8 encodes as a question mark. */
  @Test
  void anUnpairedSurrogateIsNotAQuestionMark() {
    var asked = KeySecret.of("sk-their-own?");
    ledger.importKey(DEFAULT_SPEC, asked);
    assertThat(check(asked).code()).isEqualTo(VALID);
    assertThat(check(KeySecret.of("sk-their-own\ud800")).code()).isEqualTo(MALFORMED);
  }

  @Test
  void anUnreadableStringBelongsToNoKey() {
    var cyrillic = KeySecret.of("sk-\u0430");
    ledger.importKey(DEFAULT_SPEC, cyrillic);
    assertThat(check(cyrillic).code()).isEqualTo(MALFORMED);
    var longest = KeySecret.of("x".repeat(4096));
    ledger.importKey(DEFAULT_SPEC, longest);
    assertThat(check(longest).code()).isEqualTo(VALID);
    assertThat(check(KeySecret.of("x".repeat(4097))).code()).isEqualTo(MALFORMED);
  }

  @Test
  void aKeyThatWasRevokedElsewhereIsRevokedByItsImport() {
    var dead = KeySecret.of("sk-their-dead");
    Instant before = Ledger.START.minusSeconds(9);
    ledger.importKey(DEFAULT_SPEC, dead, before, before, RevocationReason.COMPROMISED);
    assertThat(check(dead).code()).isEqualTo(REVOKED);
    assertDecidedBy(check(dead), KeyImported.class, 1);
    assertThat(ledger.index.needsPepper(DEFAULT_SPEC.pepperVersion())).isFalse();

    var good = KeySecret.of("sk-their-good");
    ledger.importKey(DEFAULT_SPEC, good, before, null, null);
    assertThat(check(good).code()).isEqualTo(VALID);
    assertDecidedBy(check(good), KeyImported.class, 2);
  }

  @Test
  void secretsAreCaseSensitive() {
    ledger.issue(DEFAULT_SPEC, secret);
    assertThat(check(KeySecret.of(secret.revealToItsCaller().toUpperCase(Locale.ROOT))).code())
        .isEqualTo(NOT_FOUND);
    assertThat(check(nearMiss()).code()).isEqualTo(MALFORMED);
  }

  @Test
  void noParticipantShowsASecretOrAPepper() {
    ledger.issue(DEFAULT_SPEC, secret);
    var verifier = new KeyVerifier(Ledger.FORMAT, Ledger.PEPPERS, ledger.index);
    Check check = Check.of(secret, "default");
    assertThat(
            List.of(check, check(check), verifier, ledger.index, Ledger.FORMAT, Ledger.PEPPERS)
                .toString())
        .doesNotContain(secret.revealToItsCaller())
        .doesNotContain(secret.revealToItsCaller().substring("kl_live_".length(), 50))
        .doesNotContain(Ledger.pepper('1'), Ledger.pepper('2'));
  }

  private KeySecret nearMiss() {
    int last = secret.revealToItsCaller().length() - 1;
    return KeySecret.of(
        secret.revealToItsCaller().substring(0, last)
            + (secret.revealToItsCaller().charAt(last) == 'x' ? 'y' : 'x'));
  }

  private Check in(Set<Environment> environments) {
    return new Check(secret, "default", environments, List.of(), List.of(), null, false);
  }

  private Check from(@Nullable String ip) {
    return new Check(secret, "default", Check.LIVE_ONLY, List.of(), List.of(), ip, false);
  }

  private Check wanting(List<String> anyOf, List<String> allOf) {
    return new Check(
        secret,
        "default",
        Check.LIVE_ONLY,
        anyOf.stream().map(Permission::new).toList(),
        allOf.stream().map(Permission::new).toList(),
        null,
        false);
  }

  private static List<Permission> permissions(String... texts) {
    return List.of(texts).stream().map(Permission::new).toList();
  }

  private Decision check() {
    return check(secret);
  }

  private Decision check(Instant now) {
    return check(Check.of(secret, "default"), now);
  }

  private Decision check(KeySecret presented) {
    return check(Check.of(presented, "default"));
  }

  private Decision check(Check check) {
    return check(check, ledger.now());
  }

  private Decision check(Check check, Instant now) {
    return ledger.verify(check, now);
  }

  private void assertDecidedBy(
      Decision decision, Class<? extends LedgerEvent> event, long position) {
    Instant time = ledger.events.get((int) position - 1).time();
    assertThat(decision.decidedBy()).isEqualTo(new DecidedBy(EventType.of(event), position, time));
  }
}
