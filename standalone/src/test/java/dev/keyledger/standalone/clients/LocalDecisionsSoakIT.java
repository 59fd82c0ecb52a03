package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.client.Check;
import dev.keyledger.client.IssuedKey;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.KeyledgerException;
import dev.keyledger.client.LocalDecisions;
import dev.keyledger.client.NewKey;
import dev.keyledger.client.Owner;
import dev.keyledger.client.RevocationReason;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.TcpProxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Local decisions of the Java client while keys are revoked on another node and its connection to
 * its own node is cut at random.
 */
@Tag("long")
@Timeout(300)
class LocalDecisionsSoakIT {
  private static final int KEYS = 600;
  private static final int CHECKS_MIN = 100_000;
  private static final int CHECKERS = 4;
  private static final long BETWEEN_CHECKS_NANOS = 200_000;
  private static final Duration BETWEEN_REVOCATIONS = Duration.ofMillis(50);

  /** The number of revocations per cut. */
  private static final int CUTS = 20;

  private static final Duration STALENESS_MAX = Duration.ofSeconds(1);
  private static final double PERCENTILE = 0.99;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong checks = new AtomicLong();

  /** The start of each key's latest check that found it valid. */
  private final AtomicLongArray lastGood = new AtomicLongArray(KEYS);

  @Test
  void noRevokedKeyIsAcceptedForLong() throws Exception {
    try (var issuing = KeyledgerProcess.standalone();
        var asked = KeyledgerProcess.start(Application.QUERY_SIDE, issuing.besideIt());
        var line = new TcpProxy(asked.uri().getPort());
        var root = Keyledger.builder(issuing.uri().toString(), issuing.rootKey()).build()) {
      List<IssuedKey> keys =
          IntStream.range(0, KEYS)
              .mapToObj(i -> root.keys().issue(NewKey.of("Key " + i, Owner.service("billing"))))
              .toList();
      try (Keyledger application =
          Keyledger.builder("http://127.0.0.1:" + line.port(), issuing.rootKey())
              .localDecisions(LocalDecisions.upTo(KEYS))
              .build()) {
        await().until(() -> application.localDecisions().orElseThrow().live());
        List<Thread> checkers =
            IntStream.range(0, CHECKERS)
                .mapToObj(_ -> Thread.startVirtualThread(() -> check(application, keys)))
                .toList();
        await().atMost(Duration.ofMinutes(1)).until(() -> checks.get() > CHECKS_MIN / 10);
        long[] late = revokeAll(root, keys, line);
        over.set(true);
        for (Thread checker : checkers) {
          checker.join();
        }
        report(late, application.localDecisions().orElseThrow());
      }
    }
  }

  private void check(Keyledger application, List<IssuedKey> keys) {
    var random = new SplittableRandom();
    while (!over.get()) {
      int key = random.nextInt(KEYS);
      long begun = System.nanoTime();
      try {
        if (application.checks().verify(Check.of(keys.get(key).revealSecret())).valid()) {
          lastGood.accumulateAndGet(key, begun, Math::max);
        }
        checks.incrementAndGet();
      } catch (KeyledgerException.Unavailable _) {
        // the line is cut: the application refuses its client
      }
      LockSupport.parkNanos(BETWEEN_CHECKS_NANOS);
    }
  }

  /**
   * Revokes all keys; returns the delay of the last valid check of each beyond its limit, in
   * nanoseconds.
   */
  private long[] revokeAll(Keyledger root, List<IssuedKey> keys, TcpProxy line) {
    var random = new SplittableRandom();
    long[] revoked = new long[KEYS];
    for (int key = 0; key < KEYS; key++) {
      root.keys().revoke(keys.get(key).key().keyId(), RevocationReason.COMPROMISED);
      revoked[key] = System.nanoTime();
      if (random.nextInt(CUTS) == 0) {
        line.cut();
      }
      LockSupport.parkNanos(BETWEEN_REVOCATIONS.toNanos());
    }
    LockSupport.parkNanos(STALENESS_MAX.multipliedBy(2).toNanos());
    return IntStream.range(0, KEYS)
        .mapToLong(key -> Math.max(0, lastGood.get(key) - revoked[key]))
        .toArray();
  }

  private void report(long[] late, LocalDecisions.Stats stats) {
    Arrays.sort(late);
    System.out.printf(
        "Local decisions: %,d checks, %s; last acceptance after a revocation: p99 %.1f ms, longest %.1f ms%n",
        checks.get(), stats, late[(int) (KEYS * PERCENTILE)] / 1e6, late[KEYS - 1] / 1e6);
    assertThat(checks).hasValueGreaterThan(CHECKS_MIN);
    assertThat(stats.local()).isGreaterThan(stats.asked());
    assertThat(late[KEYS - 1]).isLessThan(STALENESS_MAX.toNanos());
  }
}
