package dev.keyledger.verification;

import static dev.keyledger.verification.decision.DecisionCode.ISSUER_INVALID;
import static dev.keyledger.verification.decision.DecisionCode.VALID;
import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.Ledger;
import dev.keyledger.verification.index.Ledger.KeySpec;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dependence of an operator's key on its issuers: it is valid only while they are. */
class IssuersTest {
  private static final KeySpec OPERATOR = DEFAULT_SPEC.holding("keyledger:keys:issue");
  private static final KeyRevoked REVOCATION = new KeyRevoked(RevocationReason.COMPROMISED);
  private static final Instant END = Ledger.START.plusSeconds(3600);

  private final Ledger ledger = new Ledger();
  private final KeySecret secret = ledger.secret();

  @Test
  void anOperatorIsValidOnlyWhileItsIssuerIs() {
    KeyId issuer = ledger.issue(OPERATOR.until(END, null), ledger.secret());
    ledger.issueAs(issuer, OPERATOR, secret);
    assertThat(check().code()).isEqualTo(VALID);

    ledger.add(issuer, new KeySuspended());
    assertInvalidBecauseOf(KeySuspended.class, check());
    ledger.add(issuer, new KeyResumed());
    assertThat(check().code()).isEqualTo(VALID);

    assertThat(check(null, END.minusNanos(1)).code()).isEqualTo(VALID);
    assertInvalidBecauseOf(KeyResumed.class, check(null, END));
    ledger.add(issuer, new KeyRenewed(END.plusSeconds(1), null, List.of()));
    assertThat(check(null, END).code()).isEqualTo(VALID);

    ledger.add(issuer, REVOCATION);
    assertInvalidBecauseOf(KeyRevoked.class, check());
  }

  @Test
  void anOperatorEndsAtTheTimeForWhichTheEndOfItsIssuerIsPlanned() {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    ledger.issueAs(issuer, OPERATOR, secret);
    ledger.add(issuer, new SuspensionPlanned(END));
    assertThat(check(null, END.minusNanos(1)).code()).isEqualTo(VALID);
    assertInvalidBecauseOf(SuspensionPlanned.class, check(null, END));
    ledger.add(issuer, new PlanCancelled());
    assertThat(check(null, END).code()).isEqualTo(VALID);
    ledger.add(issuer, new RevocationPlanned(END, RevocationReason.OWNER_LEFT));
    assertThat(check(null, END.minusNanos(1)).code()).isEqualTo(VALID);
    assertInvalidBecauseOf(RevocationPlanned.class, check(null, END));
  }

  @Test
  void anOperatorIsNotValidBeforeItsIssuerIs() {
    KeyId issuer = ledger.issue(OPERATOR.from(END), ledger.secret());
    ledger.issueAs(issuer, OPERATOR, secret);
    assertInvalidBecauseOf(KeyIssued.class, check(null, END.minusNanos(1)));
    assertThat(check(null, END).code()).isEqualTo(VALID);
  }

  @Test
  void anOperatorIsValidOnlyFromItsIssuersAddresses() {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    ledger.issueAs(issuer, OPERATOR, secret);
    assertThat(check("192.0.2.1", END).code()).isEqualTo(VALID);

    ledger.add(issuer, new RestrictionsChanged(List.of("203.0.113.0/24")));
    assertThat(check("203.0.113.7", END).code()).isEqualTo(VALID);
    assertInvalidBecauseOf(RestrictionsChanged.class, check("192.0.2.1", END));
    assertInvalidBecauseOf(RestrictionsChanged.class, check(null, END));
  }

  /** Checks that the current secret and the current permissions of an issuer do not matter. */
  @Test
  void anIssuersRotationAndPermissionsChangeNothing() {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    ledger.issueAs(issuer, OPERATOR, secret);
    ledger.rotate(issuer, 2, ledger.secret(), Ledger.START);
    ledger.add(issuer, new PermissionsChanged(List.of(), List.of("keyledger:keys:issue")));
    assertThat(check().code()).isEqualTo(VALID);
  }

  @Test
  void aCustomersKeyOutlivesItsIssuer() {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    ledger.issueAs(issuer, DEFAULT_SPEC, secret);
    ledger.add(issuer, REVOCATION);
    assertThat(check().code()).isEqualTo(VALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"keyledger:self:renew", "keyledger:self:*", "*:*"})
  void aKeyThatConcernsItselfOnlyIsNoOperators(String permission) {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    ledger.issueAs(issuer, DEFAULT_SPEC.holding("read:a", permission), secret);
    ledger.add(issuer, REVOCATION);
    assertThat(check().code()).isEqualTo(VALID);
  }

  @Test
  void aKeyThatBecomesAnOperatorsDependsOnItsIssuerFromThenOn() {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    KeyId key = ledger.issueAs(issuer, DEFAULT_SPEC, secret);
    ledger.add(issuer, REVOCATION);
    ledger.add(key, new PermissionsChanged(List.of("keyledger:self:renew"), List.of()));
    assertThat(check().code()).isEqualTo(VALID);
    ledger.add(key, new PermissionsChanged(List.of("keyledger:*"), List.of()));
    assertInvalidBecauseOf(KeyRevoked.class, check());
    ledger.add(key, new PermissionsChanged(List.of(), List.of("keyledger:*")));
    assertThat(check().code()).isEqualTo(VALID);
  }

  @Test
  void aKeyIssuedByTheRootKeyHasNoIssuer() {
    ledger.issue(OPERATOR, secret);
    assertThat(check().code()).isEqualTo(VALID);
  }

  @Test
  void everyIssuerUpToTheRootKeyMustBeValid() {
    KeyId first = ledger.issue(OPERATOR, ledger.secret());
    KeyId last = chain(first, 5);
    ledger.issueAs(last, OPERATOR, secret);
    assertThat(check().code()).isEqualTo(VALID);

    ledger.add(first, REVOCATION);
    assertInvalidBecauseOf(KeyRevoked.class, check());
  }

  /** Checks that an issuer that is no longer an operator still links to those before it. */
  @Test
  void aFormerOperatorDoesNotBreakTheChain() {
    KeyId first = ledger.issue(OPERATOR, ledger.secret());
    KeyId second = ledger.issueAs(first, OPERATOR, ledger.secret());
    ledger.issueAs(second, OPERATOR, secret);
    ledger.add(second, new PermissionsChanged(List.of(), List.of("keyledger:keys:issue")));
    ledger.add(first, REVOCATION);
    assertInvalidBecauseOf(KeyRevoked.class, check());
  }

  @Test
  void asManyIssuersAsThereMayBeAreLookedUpAndNoMore() {
    KeyId last = chain(ledger.issue(OPERATOR, ledger.secret()), KeyIndex.ISSUERS_MAX);
    ledger.issueAs(last, OPERATOR, secret);
    assertThat(check().code()).isEqualTo(VALID);

    KeySecret further = ledger.secret();
    ledger.issueAs(chain(last, 2), OPERATOR, further);
    Decision decision = ledger.verify(Check.of(further, "default"), END);
    assertInvalidBecauseOf(KeyIssued.class, decision);
    assertThat(decision.decidedBy()).isEqualTo(DecidedBy.of(ledger.last()));
  }

  @Test
  void aPolicyMayLetOperatorsOutliveTheirIssuers() {
    KeyId issuer = ledger.issue(OPERATOR, ledger.secret());
    ledger.issueAs(issuer, OPERATOR, secret);
    ledger.add(issuer, REVOCATION);
    assertThat(check().code()).isEqualTo(ISSUER_INVALID);

    ledger.addToWorkspace("other", policy(true));
    assertThat(check().code()).isEqualTo(ISSUER_INVALID);
    ledger.addToWorkspace("default", policy(true));
    assertThat(check().code()).isEqualTo(VALID);
    ledger.addToWorkspace("default", policy(false));
    assertInvalidBecauseOf(KeyRevoked.class, check());
  }

  /** Returns the last of so many operators, of which each issued the next. */
  private KeyId chain(KeyId first, int operators) {
    KeyId last = first;
    for (int i = 1; i < operators; i++) {
      last = ledger.issueAs(last, OPERATOR, ledger.secret());
    }
    return last;
  }

  private static PolicyChanged policy(boolean operatorsOutliveIssuer) {
    WorkspacePolicy usual = WorkspacePolicy.DEFAULT;
    return new PolicyChanged(
        new WorkspacePolicy(
            usual.defaultLifetime(),
            usual.maxLifetime(),
            usual.allowNoExpiry(),
            usual.renewalWindow(),
            usual.defaultOverlap(),
            usual.reminders(),
            usual.allowedPermissions(),
            usual.maxKeys(),
            operatorsOutliveIssuer,
            null,
            null));
  }

  private Decision check() {
    return check(null, Ledger.START.plusSeconds(60));
  }

  private Decision check(@Nullable String ip, Instant now) {
    return ledger.verify(
        new Check(secret, "default", Check.LIVE_ONLY, List.of(), List.of(), ip, false), now);
  }

  private static void assertInvalidBecauseOf(
      Class<? extends LedgerEvent> event, Decision decision) {
    assertThat(decision.code()).isEqualTo(ISSUER_INVALID);
    assertThat(decision.decidedBy()).isNotNull();
    assertThat(decision.decidedBy().type()).isEqualTo(EventType.of(event));
  }
}
