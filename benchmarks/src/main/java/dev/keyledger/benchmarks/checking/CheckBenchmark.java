package dev.keyledger.benchmarks.checking;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Sha256;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.LastUses;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One check in process: parse, digest, look up, decide. The keys are presented in random order. For
 * comparison, in the same run: the look-up of a string in a map, one hash, and the same check by a
 * map from digests to keys. The ratios count, because the times depend on the machine and the hour.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
public class CheckBenchmark {

  /** Keyledger's index. */
  @State(Scope.Benchmark)
  public static class Indexed {
    private final KeyIndex index = new KeyIndex();
    private final LastUses uses = new LastUses(index);

    @SuppressWarnings("NullAway.Init") // initialised by setUp, as JMH requires
    private KeyVerifier verifier;

    /** Fills the index. */
    @Setup
    public void setUp(PresentedKeys presented) {
      verifier = new KeyVerifier(new KeyFormat(KeyFormat.DEFAULT_BRAND), presented.peppers, index);
      for (long number = 0; number < presented.keys; number++) {
        presented.seeded.eventsOf(number).forEach(index::apply);
      }
    }
  }

  /** A map from secrets to a small value. */
  @State(Scope.Benchmark)
  public static class Mapped {
    private final ConcurrentHashMap<String, Known> map = new ConcurrentHashMap<>();

    /** Fills the map. */
    @Setup
    public void setUp(PresentedKeys presented) {
      for (long number = 0; number < presented.keys; number++) {
        map.put(presented.text(number), new Known(number));
      }
    }
  }

  /** A map from digests to immutable keys. */
  @State(Scope.Benchmark)
  public static class Referenced {
    private final ConcurrentHashMap<Digest, ReferenceKey> map = new ConcurrentHashMap<>();

    /** Fills the map. */
    @Setup
    public void setUp(PresentedKeys presented) {
      for (long number = 0; number < presented.keys; number++) {
        List<LoggedEvent> events = presented.seeded.eventsOf(number);
        var issued = (KeyIssued) events.getFirst().event();
        map.put(issued.secret().digest(), ReferenceKey.of(events));
      }
    }
  }

  /** The value that the plain map holds. */
  record Known(long number) {}

  /**
   * Checks known keys, five per cent each revoked, expired, and presented by a secret in its
   * overlap.
   */
  @Benchmark
  public Decision known(PresentedKeys presented, Indexed indexed) {
    return indexed.verifier.verify(checkOf(presented.known()), presented.now);
  }

  /** Does the same, and records the use of each valid key, as a node does. */
  @Benchmark
  public Decision knownAndRecorded(PresentedKeys presented, Indexed indexed) {
    Decision decision = known(presented, indexed);
    if (decision.found() != null && decision.valid()) {
      indexed.uses.use(decision.found(), presented.now);
    }
    return decision;
  }

  /** Checks strings in the form of Keyledger's secrets that belong to no key. */
  @Benchmark
  public Decision unknown(PresentedKeys presented, Indexed indexed) {
    return indexed.verifier.verify(checkOf(presented.unknown()), presented.now);
  }

  /** Looks up the secret itself in a map: the least that a check could cost. */
  @Benchmark
  public @Nullable Object mapLookUp(PresentedKeys presented, Mapped mapped) {
    return mapped.map.get(presented.known());
  }

  /** Makes the same check without an index of our own. */
  @Benchmark
  public Decision reference(PresentedKeys presented, Referenced referenced) {
    Check check = checkOf(presented.known());
    ReferenceKey found = referenced.map.get(presented.peppers.issued(1, check.key().sha256()));
    if (found == null) {
      throw new IllegalStateException("a known key was not found");
    }
    return Decision.on(found, check, presented.now, 1);
  }

  /** Hashes a secret once. */
  @Benchmark
  public byte[] sha256(PresentedKeys presented) {
    return Sha256.of(presented.known().getBytes(StandardCharsets.UTF_8));
  }

  private static Check checkOf(String secret) {
    return Check.of(KeySecret.of(secret), SeededKeys.WORKSPACE);
  }
}
