package dev.keyledger.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.receipts.Lease;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.KeyNumbers;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** The readiness of a node that answers checks and executes no commands. */
@Timeout(30)
@TestMethodOrder(OrderAnnotation.class)
class LedgerHealthTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final Duration STALENESS_MAX = Duration.ofMinutes(1);

  private final FakeLog log = new FakeLog(NOW);
  private final FakeLease lease = new FakeLease();
  private final LedgerHealth health;

  LedgerHealthTest() {
    var beans = new StaticListableBeanFactory(Map.of("lease", lease));
    var peppers = Peppers.parse("1:" + Base64.getEncoder().encodeToString(new byte[32]));
    health =
        new LedgerHealth(
            log,
            new KeyNumbers(new KeyIndex(), peppers),
            new MaxStaleness(STALENESS_MAX),
            new CheckClock(() -> NOW, log),
            new NodeName("node"),
            beans.getBeanProvider(Lease.class),
            beans.getBeanProvider(LogAppender.class));
  }

  @Test
  void aNodeThatIsBehindOrHasNoLeaseIsNotReady() {
    assertThat(status()).isEqualTo(Status.UP);
    log.sinceContact = STALENESS_MAX;
    assertThat(status()).isEqualTo(Status.UP);
    log.sinceContact = STALENESS_MAX.plusMillis(1);
    assertThat(status()).isEqualTo(Status.DOWN);
    log.sinceContact = Duration.ZERO;
    log.caughtUpOnce = false;
    assertThat(status()).isEqualTo(Status.DOWN);
    log.caughtUpOnce = true;
    log.failure = "an event cannot be read";
    assertThat(status()).isEqualTo(Status.DOWN);
    log.failure = null;
    lease.term = Lease.NONE;
    assertThat(status()).isEqualTo(Status.DOWN);
    lease.term = 2;
    assertThat(status()).isEqualTo(Status.UP);
  }

  @Test
  void aClockThatIsAheadByMoreThanIsToleratedMakesANodeUnready() {
    log.storeClock = NOW.minus(LogAppender.CLOCK_DIFFERENCE_MAX);
    assertThat(status()).isEqualTo(Status.UP);
    log.storeClock = log.storeClock.minusMillis(1);
    assertThat(status()).isEqualTo(Status.DOWN);
  }

  /** Runs last, because the thread is dead for the rest of the process. */
  @Test
  @Order(Integer.MAX_VALUE)
  void aNodeOfWhichAThreadHasDiedIsNotReady() {
    assertThat(status()).isEqualTo(Status.UP);
    Thread thread =
        SupervisedThread.unstarted(
            "test-of-health",
            () -> true,
            () -> {
              throw new OutOfMemoryError("for this test");
            });
    thread.setUncaughtExceptionHandler((_, _) -> {});
    thread.start();
    await().until(() -> !thread.isAlive());

    Health down = health.health();
    assertThat(down.getStatus()).isEqualTo(Status.DOWN);
    assertThat(down.getDetails()).containsEntry("deadThreads", Set.of("test-of-health"));
  }

  private Status status() {
    return health.health().getStatus();
  }

  private static final class FakeLease implements Lease {
    private long term = 1;

    @Override
    public long term() {
      return term;
    }

    @Override
    public boolean runs(long asked) {
      return asked == term;
    }
  }
}
