package dev.keyledger.standalone.hostile;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A node with 512 MB of heap under good traffic, with all attacks in turn, for a long time. Good
 * callers are served meanwhile, and the node does not grow.
 */
@Tag("long")
class SoakIT {
  private static final int MINUTES = Integer.getInteger("keyledger.soak.minutes", 60);
  private static final Duration ATTACK = Duration.ofSeconds(5);
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final Duration RECOVERY_MAX = Duration.ofSeconds(5);
  private static final long MB = 1024 * 1024;
  private static final long HEAP_GROWTH_BYTES_MAX = 64 * MB;
  private static final long RESIDENT_GROWTH_BYTES_MAX = 150 * MB;
  private static final long OPEN_FILES_GROWTH_MAX = 50;

  /** The log of PostgreSQL has a maximum, twice 8 MB. */
  private static final long FILES_GROWTH_BYTES_MAX = 32 * MB;

  private static final long OUTPUT_CHARS_PER_ROUND_MAX = 50_000;

  /**
   * The maximum factor by which the slowest hundredth of good checks may slow down during an
   * attack.
   */
  private static final int SLOWER_MAX = 10;

  /** The shortest difference that is measurable on a machine shared with the attackers. */
  private static final long RESOLUTION_NANOS = 4_000_000;

  private static final double PERCENTILE = 99;
  private static final String QUIET_PHASE = "no attack";

  /** Begins an attack, which continues until it is closed. */
  @FunctionalInterface
  private interface Attack {
    void begin(Attacks attacks) throws Exception;
  }

  private final Map<String, Histogram> checkNanos = new LinkedHashMap<>();

  @Test
  @Timeout(value = 3, unit = TimeUnit.HOURS)
  void goodCallersAreServedAndTheNodeDoesNotGrow() throws Exception {
    try (KeyledgerProcess keyledger =
        KeyledgerProcess.start(
            Application.STANDALONE,
            Map.of(
                "JAVA_TOOL_OPTIONS", "-Xmx512m",
                "KEYLEDGER_LIMITS_COMMANDS_PER_CALLER", "5"))) {
      Map<String, Attack> attacks = attacks(keyledger);
      long end = System.nanoTime() + Duration.ofMinutes(MINUTES).toNanos();
      Footprint first = null;
      int rounds = 0;
      long outputBefore = keyledger.output().length();
      try (var good = new GoodCallers(keyledger)) {
        do {
          for (Map.Entry<String, Attack> attack : attacks.entrySet()) {
            withstand(keyledger, good, attack.getKey(), attack.getValue());
          }
          rounds++;
          Footprint now = Footprint.of(keyledger);
          System.out.printf(
              "Soak: round %d, %d keys lived, %d documented 503, %s%n",
              rounds, good.lives(), good.unavailable(), now);
          if (first == null) {
            first = now;
          }
          assertFlat(first, now);
        } while (rounds < 2 || System.nanoTime() < end); // one round cannot show growth
      }
      assertThat(keyledger.output()).doesNotContain("OutOfMemoryError", "no longer sound");
      assertThat(keyledger.output().length() - outputBefore)
          .isLessThan(rounds * OUTPUT_CHARS_PER_ROUND_MAX);
      assertThat(keyledger.check().exitCode()).as(keyledger.check().output()).isZero();
    }
    assertChecksWereNotSlowedDown();
  }

  private static Map<String, Attack> attacks(KeyledgerProcess keyledger) {
    String root = keyledger.rootKey();
    String operator = keyledger.issuer().issued("keyledger:keys:issue").secret();
    IssuedKey large = Attacks.keyWithManyEvents(keyledger);
    Map<String, Attack> attacks = new LinkedHashMap<>();
    attacks.put("unfinished bodies of strangers", by -> by.unfinishedBodies(Port.FAST, "nobody's"));
    attacks.put("unfinished bodies, fast port", by -> by.unfinishedBodies(Port.FAST, root));
    attacks.put("unfinished bodies, main port", by -> by.unfinishedBodies(Port.MAIN, root));
    attacks.put("slow bodies", by -> by.slowBodies(root));
    attacks.put("idle connections", by -> by.idleConnections(() -> {}));
    attacks.put("unfinished heads, fast port", by -> by.unfinishedHeads(Port.FAST));
    attacks.put("unfinished heads, main port", by -> by.unfinishedHeads(Port.MAIN));
    attacks.put("answers that are not read", Attacks::requestsWhoseAnswersAreNotRead);
    attacks.put(
        "leak reports",
        by -> {
          by.reporters();
          by.connections().forEach(Attacks::report);
        });
    attacks.put("readers of a large key", by -> by.readersOf(large));
    attacks.put("wrong credentials", Attacks::wrongCredentials);
    attacks.put("commands of an operator", by -> by.commandsOf(operator));
    return attacks;
  }

  private void withstand(KeyledgerProcess keyledger, GoodCallers good, String name, Attack attack)
      throws Exception {
    good.takeCheckNanos();
    try (var attacks = new Attacks(keyledger)) {
      attack.begin(attacks);
      pass(ATTACK, good);
      add(name, good.takeCheckNanos());
    }
    await()
        .alias("ready after " + name)
        .atMost(RECOVERY_MAX)
        .until(() -> keyledger.client().get("/actuator/health/readiness").status() == 200);
    good.takeCheckNanos();
    pass(QUIET, good);
    add(QUIET_PHASE, good.takeCheckNanos());
  }

  /** Lets time pass, in which good callers are served. */
  private static void pass(Duration time, GoodCallers good) {
    await().atMost(time.multipliedBy(2)).during(time).untilAsserted(good::assertServed);
  }

  private void add(String phase, Histogram nanos) {
    checkNanos.computeIfAbsent(phase, _ -> new Histogram(3)).add(nanos);
  }

  private static void assertFlat(Footprint first, Footprint now) {
    assertThat(now.heapBytes() - first.heapBytes()).isLessThan(HEAP_GROWTH_BYTES_MAX);
    assertThat(now.residentBytes() - first.residentBytes()).isLessThan(RESIDENT_GROWTH_BYTES_MAX);
    assertThat(now.openFiles() - first.openFiles()).isLessThan(OPEN_FILES_GROWTH_MAX);
    assertThat(now.fileBytes() - first.fileBytes()).isLessThan(FILES_GROWTH_BYTES_MAX);
  }

  private void assertChecksWereNotSlowedDown() {
    checkNanos.forEach((phase, nanos) ->
        System.out.printf(
            "Soak: p99 of good checks %6.1f ms of %,9d, during: %s%n",
            nanos.getValueAtPercentile(PERCENTILE) / 1e6, nanos.getTotalCount(), phase));
    long quiet = requireNonNull(checkNanos.get(QUIET_PHASE)).getValueAtPercentile(PERCENTILE);
    long max = SLOWER_MAX * Math.max(quiet, RESOLUTION_NANOS);
    checkNanos.forEach((phase, nanos) ->
        assertThat(nanos.getValueAtPercentile(PERCENTILE)).as(phase).isLessThanOrEqualTo(max));
  }
}
