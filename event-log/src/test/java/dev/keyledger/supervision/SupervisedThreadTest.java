package dev.keyledger.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class SupervisedThreadTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  static List<Throwable> failures() {
    return List.of(
        new IllegalStateException("an exception"),
        new InterruptedException("a checked one"),
        new AssertionError("an Error of the code"),
        new StackOverflowError("of one call"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aThreadGoesOnAfterAFailureWhichIsCounted(Throwable failure) {
    long before = SupervisedThread.failures();
    var executions = new AtomicInteger();
    Thread thread =
        SupervisedThread.unstarted(
            "test-goes-on",
            () -> true,
            () -> {
              if (executions.incrementAndGet() < 3) {
                throwAsIs(failure);
              }
            });
    thread.start();
    await().atMost(PATIENCE).until(() -> !thread.isAlive());

    assertThat(executions).hasValue(3);
    assertThat(SupervisedThread.failures() - before).isGreaterThanOrEqualTo(2);
    assertThat(SupervisedThread.dead()).doesNotContain("test-goes-on");
  }

  @Test
  void thePauseDoublesWithEachFailure() {
    var times = Collections.synchronizedList(new ArrayList<Long>());
    Thread thread =
        SupervisedThread.unstarted(
            "test-pauses",
            () -> true,
            () -> {
              times.add(System.nanoTime());
              if (times.size() < 4) {
                throw new IllegalStateException("for this test");
              }
            });
    thread.start();
    await().atMost(PATIENCE).until(() -> !thread.isAlive());

    for (int i = 1; i < 4; i++) {
      Duration pause = Duration.ofNanos(times.get(i) - times.get(i - 1));
      assertThat(pause)
          .isGreaterThanOrEqualTo(SupervisedThread.PAUSE_MIN.multipliedBy(1L << (i - 1)));
    }
  }

  @Test
  void aPauseEndsWhenTheThreadIsNoLongerWanted() {
    var wanted = new AtomicBoolean(true);
    var failed = new CountDownLatch(6); // the next pause takes seconds
    Thread thread =
        SupervisedThread.unstarted(
            "test-closed",
            wanted::get,
            () -> {
              failed.countDown();
              if (wanted.get()) {
                throw new IllegalStateException("for this test");
              }
            });
    thread.start();
    await().atMost(PATIENCE).until(() -> failed.getCount() == 0);
    wanted.set(false);
    await().atMost(Duration.ofSeconds(2)).until(() -> !thread.isAlive());
    assertThat(SupervisedThread.dead()).doesNotContain("test-closed");
  }

  @Test
  void aThreadDiesOfAFailureOfTheJvmAndIsReported() {
    var uncaught = new AtomicReference<Throwable>();
    Thread thread =
        SupervisedThread.unstarted(
            "test-dies",
            () -> true,
            () -> {
              throw new OutOfMemoryError("for this test");
            });
    thread.setUncaughtExceptionHandler((_, thrown) -> uncaught.set(thrown));
    thread.start();
    await().atMost(PATIENCE).until(() -> uncaught.get() != null);

    assertThat(uncaught.get()).isInstanceOf(OutOfMemoryError.class);
    assertThat(SupervisedThread.dead()).contains("test-dies");
  }

  @Test
  void onlyAFailureOfTheJvmEndsTheProcess() {
    var ended = new ArrayList<Throwable>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> ended.add(thrown));
    try {
      failures().forEach(SupervisedThread::endProcessIfFatal);
      assertThat(ended).isEmpty();
      var fatal = new OutOfMemoryError("for this test");
      SupervisedThread.endProcessIfFatal(fatal);
      assertThat(ended).containsExactly(fatal);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwAsIs(Throwable failure) throws T {
    throw (T) failure;
  }
}
