package dev.keyledger.checking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExplainerTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final KeyId KEY = KeyId.of(1, 2, 3);
  private static final KeySecret SECRET = KeySecret.of("a-secret-of-a-team");
  private static final Check CHECK =
      new Check(SECRET, "default", Check.LIVE_ONLY, List.of(), List.of(), null, true);

  private final LoggedEvent issued;
  private final Verdict verdict;

  ExplainerTest() {
    Peppers peppers = Peppers.parse("1:" + Base64.getEncoder().encodeToString(new byte[32]));
    Digest digest = peppers.imported(1, "default", SECRET.sha256());
    issued =
        new LoggedEvent(
            1,
            StreamId.of(KEY),
            0,
            "default",
            NOW,
            Actor.ROOT,
            "req_test",
            new KeyIssued(
                "Billing",
                new Owner(OwnerType.APP, "billing"),
                Environment.LIVE,
                new StoredSecret(digest, 1, null),
                List.of(),
                null,
                null,
                null,
                List.of(),
                List.of(),
                Map.of()),
            EventContext.NONE);
    var index = new KeyIndex();
    index.apply(issued);
    var verifier = new KeyVerifier(new KeyFormat(KeyFormat.DEFAULT_BRAND), peppers, index);
    verdict = new Verdict(verifier.verify(CHECK, NOW), NOW, NOW);
  }

  @Test
  void explanationsUpToTheLimitRunConcurrentlyAndOneMoreIsRejected() throws Exception {
    var reading = new AtomicInteger();
    var read = new CountDownLatch(1);
    var explainer =
        new Explainer(
            (_, _, _, events) -> {
              reading.incrementAndGet();
              awaitUninterruptibly(read);
              events.accept(issued);
            },
            new QueryTurns(Duration.ZERO));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = new ArrayList<Future<Verdict>>();
      try {
        Stream.generate(() -> threads.submit(() -> explained(explainer, "default")))
            .limit(QueryTurns.AT_ONCE_OF_WORKSPACE_MAX)
            .forEach(first::add);
        await().until(() -> reading.get() == first.size());
        assertThatThrownBy(() -> explained(explainer, "default"))
            .isInstanceOf(StoreUnavailableException.class);
        Stream.generate(() -> threads.submit(() -> explained(explainer, "other")))
            .limit(QueryTurns.AT_ONCE_MAX - QueryTurns.AT_ONCE_OF_WORKSPACE_MAX)
            .forEach(first::add);
        await().until(() -> reading.get() == QueryTurns.AT_ONCE_MAX);
        assertThatThrownBy(() -> explained(explainer, "third"))
            .isInstanceOf(StoreUnavailableException.class);
      } finally {
        read.countDown();
      }
      assertThat(first).allSatisfy(one -> assertThat(one.get()).isNotNull());
    }
    assertThat(explained(explainer, "third")).isNotNull();
  }

  @Test
  void checksOfOneKeyReadItOnce() {
    var reads = new ArrayList<KeyId>();
    var explainer =
        new Explainer(
            (keyId, _, _, events) -> {
              reads.add(keyId);
              events.accept(issued);
            },
            new QueryTurns());
    assertThat(explainer.explain(List.of(CHECK, CHECK, CHECK), List.of(verdict, verdict, verdict)))
        .allSatisfy(one -> assertThat(one.explanation()).isNotNull());
    assertThat(reads).containsExactly(KEY);
  }

  @Test
  void aLogWithoutTheEventOfTheDecisionExplainsNothing() {
    assertThatThrownBy(
            () -> explained(new Explainer((_, _, _, _) -> {}, new QueryTurns()), "default"))
        .isInstanceOf(StoreUnavailableException.class);
  }

  private Verdict explained(Explainer explainer, String workspace) {
    var check = new Check(SECRET, workspace, Check.LIVE_ONLY, List.of(), List.of(), null, true);
    return explainer.explain(List.of(check), List.of(verdict)).getFirst();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
