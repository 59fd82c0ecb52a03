package dev.keyledger.benchmarks.checking;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.LastUses;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One check in process: parse, digest, look up, decide. The keys are presented in random order. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
public class CheckBenchmark {
  private static final int PRESENTED = 1 << 16;

  /** The number of keys in the index. */
  @Param({"100000", "1000000"})
  public int keys;

  private final Instant now = InstantSource.system().instant();
  private final String[] known = new String[PRESENTED];
  private final String[] unknown = new String[PRESENTED];

  @SuppressWarnings("NullAway.Init") // initialised by setUp, as JMH requires
  private KeyVerifier verifier;

  @SuppressWarnings("NullAway.Init")
  private LastUses uses;

  private int next;

  /** Fills the index. */
  @Setup
  public void setUp() {
    Peppers peppers = Peppers.parse("1:" + "A".repeat(43) + "=");
    var index = new KeyIndex();
    uses = new LastUses(index);
    verifier = new KeyVerifier(new KeyFormat(KeyFormat.DEFAULT_BRAND), peppers, index);
    var seeded = new SeededKeys(peppers, keys, now);
    for (long number = 0; number < keys; number++) {
      seeded.eventsOf(number).forEach(index::apply);
    }
    var random = new SplittableRandom(1);
    for (int i = 0; i < PRESENTED; i++) {
      known[i] = seeded.secret(random.nextLong(keys), 1).revealToItsCaller();
      unknown[i] = seeded.secret(keys + i, 1).revealToItsCaller();
    }
  }

  /** Checks known keys, five per cent of them revoked and five per cent expired. */
  @Benchmark
  public Decision known() {
    return check(known);
  }

  /** Does the same, and records the use of each valid key, as a node does. */
  @Benchmark
  public Decision knownAndRecorded() {
    Decision decision = check(known);
    if (decision.found() != null && decision.valid()) {
      uses.use(decision.found(), now);
    }
    return decision;
  }

  /** Checks strings in the form of Keyledger's secrets that belong to no key. */
  @Benchmark
  public Decision unknown() {
    return check(unknown);
  }

  private Decision check(String[] presented) {
    next = (next + 1) & (PRESENTED - 1);
    return verifier.verify(Check.of(KeySecret.of(presented[next]), SeededKeys.WORKSPACE), now);
  }
}
