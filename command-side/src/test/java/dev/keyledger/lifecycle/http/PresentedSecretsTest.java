package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.ContentionException;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LeaksReported;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ReportLeaks;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Answers to batches in which some orders cannot be executed, and the cost of lookups. */
@NullUnmarked
class PresentedSecretsTest {
  private static final List<RuntimeException> FAILURES =
      List.of(
          new ContentionException(new IllegalStateException()),
          new StoreUnavailableException("gone"));

  private static final Ledger.Order<LeaksReported> ORDER =
      new Ledger.Order<>(
          new ReportLeaks(List.of()), new CommandOrigin(Actor.ROOT, "req", EventContext.NONE));

  @Test
  void nothingWasDoneIfTheFirstFails() {
    for (RuntimeException failure : FAILURES) {
      assertThat(codeOf(3, 0, failure)).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
    }
  }

  @Test
  void aHalfDoneReportNeverClaimsThatNothingWasDone() {
    for (RuntimeException failure : FAILURES) {
      assertThat(codeOf(3, 1, failure)).isEqualTo(ProblemCode.OUTCOME_UNKNOWN);
      assertThat(codeOf(3, 2, failure)).isEqualTo(ProblemCode.OUTCOME_UNKNOWN);
    }
  }

  @Test
  void allAreExecutedIfNoneFails() {
    var ledger = new FailingLedger(4, new IllegalStateException());
    secrets(ledger).execute(Collections.nCopies(3, ORDER));
    assertThat(ledger.executed).isEqualTo(3);
  }

  @Test
  void aSecretCountsOnceForEachHundredLookups() {
    var index = new KeyIndex();
    Peppers peppers = Peppers.parse("1:" + Base64.getEncoder().encodeToString(new byte[32]));
    var verifier = new KeyVerifier(new KeyFormat(KeyFormat.DEFAULT_BRAND), peppers, index);
    var secrets = new PresentedSecrets(null, verifier, null, null, null);
    assertThat(secrets.countOf(7, null)).isEqualTo(7);

    for (int i = 1; i <= 99; i++) {
      importInto("w" + i, index, peppers);
    }
    assertThat(secrets.countOf(7, null)).as("100 lookups").isEqualTo(7);
    importInto("w100", index, peppers);
    assertThat(secrets.countOf(7, null)).as("101 lookups").isEqualTo(14);
    assertThat(secrets.countOf(7, "w100")).isEqualTo(7);
  }

  private static void importInto(String workspace, KeyIndex index, Peppers peppers) {
    long position = index.position() + 1;
    Digest digest = peppers.imported(1, workspace, KeySecret.of(workspace).sha256());
    index.apply(
        new LoggedEvent(
            position,
            StreamId.of(KeyId.of(1, 0, position)),
            0,
            workspace,
            Instant.EPOCH,
            Actor.ROOT,
            "req",
            new KeyImported(
                "key",
                new Owner(OwnerType.APP, "shop"),
                Environment.LIVE,
                new StoredSecret(digest, 1, null),
                List.of(),
                null,
                null,
                null,
                List.of(),
                List.of(),
                Map.of()),
            EventContext.NONE));
  }

  private static ProblemCode codeOf(int orders, int before, RuntimeException failure) {
    var secrets = secrets(new FailingLedger(before, failure));
    var code = new ProblemCode[1];
    assertThatThrownBy(() -> secrets.execute(Collections.nCopies(orders, ORDER)))
        .isInstanceOfSatisfying(ProblemException.class, problem -> code[0] = problem.code());
    return code[0];
  }

  private static PresentedSecrets secrets(Ledger ledger) {
    return new PresentedSecrets(
        ledger, null, null, new Freshness(null, new AppliedEverything(), null), null);
  }

  /** Executes some orders, then fails. */
  private static final class FailingLedger implements Ledger {
    private final int before;
    private final RuntimeException failure;
    private int executed;

    FailingLedger(int before, RuntimeException failure) {
      this.before = before;
      this.failure = failure;
    }

    @Override
    @SuppressWarnings("unchecked") // every order here reports leaks
    public <D extends CommandDecision> Result<D> execute(
        Supplier<Order<D>> orders, RepeatableRequest request) {
      if (executed == before) {
        throw failure;
      }
      executed++;
      return new Result<>(orders.get(), (D) new LeaksReported(1, executed), List.of());
    }
  }

  private static final class AppliedEverything implements AppliedLog {
    @Override
    public long position() {
      return Long.MAX_VALUE;
    }

    @Override
    public Instant asOf() {
      return Instant.MAX;
    }

    @Override
    public Instant storeClock() {
      return Instant.MAX;
    }

    @Override
    public Duration sinceContact() {
      return Duration.ZERO;
    }

    @Override
    public boolean caughtUpOnce() {
      return true;
    }

    @Override
    public Optional<String> failure() {
      return Optional.empty();
    }

    @Override
    public boolean await(long awaited, Duration max) {
      return true;
    }

    @Override
    public boolean awaitTime(Instant time, Duration max) {
      return !asOf().isBefore(time);
    }
  }
}
