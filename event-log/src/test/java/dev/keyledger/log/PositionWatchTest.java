package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PositionWatchTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int WAITERS = 20;

  @Test
  void oneQueryAtATimeServesAllWaiters() throws Exception {
    var stored = new AtomicLong();
    var querying = new AtomicInteger();
    var atOnce = new AtomicInteger();
    var begun = new CountDownLatch(1);
    var watch =
        new PositionWatch(() -> {
          atOnce.accumulateAndGet(querying.incrementAndGet(), Math::max);
          begun.countDown();
          long seen = stored.get();
          querying.decrementAndGet();
          return seen;
        });
    var waiters = new ArrayList<CompletableFuture<Boolean>>();
    for (int i = 0; i < WAITERS; i++) {
      waiters.add(
          CompletableFuture.supplyAsync(() -> watch.await(7, LONG), Thread::startVirtualThread));
    }
    begun.await();
    stored.set(7);
    for (CompletableFuture<Boolean> waiter : waiters) {
      assertThat(waiter.get()).isTrue();
    }
    assertThat(atOnce).hasValue(1);
  }

  @Test
  void aMoveWakesAtOnceWithoutAQuery() {
    var watch =
        new PositionWatch(() -> {
          throw new StoreUnavailableException("down", null);
        });
    watch.moved(5);
    assertThat(watch.await(5, LONG)).isTrue();
    assertThatThrownBy(() -> watch.await(6, LONG)).isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void withoutTimeItAsksOnce() {
    var asked = new AtomicInteger();
    var watch = new PositionWatch(asked::incrementAndGet);
    assertThat(watch.await(2, Duration.ZERO)).isFalse();
    assertThat(asked).hasValue(1);
  }
}
