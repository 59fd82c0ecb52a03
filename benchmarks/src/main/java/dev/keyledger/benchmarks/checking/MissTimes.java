package dev.keyledger.benchmarks.checking;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Tests whether the time of a check reveals how close a guess was: Welch's t between the times of
 * unknown keys and those of near misses, interleaved at random. Exits with status 1 if it does.
 *
 * <p>Three more kinds are shown for comparison: unknown keys again, which must not differ either;
 * known keys, which do differ, as evidence that the method works; and keys with a wrong checksum,
 * which the answer distinguishes anyway, because everybody can compute a checksum.
 */
@SuppressWarnings("EnumOrdinal") // an array index
public final class MissTimes {
  /**
   * The value above which two kinds differ, with an error probability of one in a hundred thousand.
   */
  private static final double T_MAX = 4.5;

  private static final int KEYS = 100_000;
  private static final long UNKNOWN_MAX = 1L << 40;
  private static final Kind[] KINDS = Kind.values();

  private enum Kind {
    UNKNOWN("unknown", DecisionCode.NOT_FOUND, true),
    NEAR_MISS("begins like a key, other digest", DecisionCode.NOT_FOUND, true),
    UNKNOWN_AGAIN("unknown again", DecisionCode.NOT_FOUND, true),
    WRONG_CHECKSUM("a key but for its checksum", DecisionCode.MALFORMED, false),
    KNOWN("known", DecisionCode.VALID, false);

    private final String text;
    private final DecisionCode code;
    private final boolean mustNotDiffer;

    Kind(String text, DecisionCode code, boolean mustNotDiffer) {
      this.text = text;
      this.code = code;
      this.mustNotDiffer = mustNotDiffer;
    }

    /** Returns a new secret each time: a fixed set would differ from others in its cache lines. */
    String secret(SeededKeys seeded, SplittableRandom random) {
      // Of a hundred keys, those from 35 on were issued and never changed.
      int key = random.nextInt(KEYS / 100) * 100 + random.nextInt(35, 100);
      return switch (this) {
        case UNKNOWN, UNKNOWN_AGAIN ->
            seeded.secret(KEYS + random.nextLong(UNKNOWN_MAX), 1).revealToItsCaller();
        case NEAR_MISS ->
            seeded.nearMiss(key, 1 + random.nextInt(Short.MAX_VALUE)).revealToItsCaller();
        case KNOWN -> seeded.secret(key, 1).revealToItsCaller();
        case WRONG_CHECKSUM -> otherEnd(seeded.secret(key, 1).revealToItsCaller());
      };
    }

    private static String otherEnd(String secret) {
      int last = secret.length() - 1;
      return secret.substring(0, last) + (secret.charAt(last) == '0' ? '1' : '0');
    }
  }

  private final Instant now = InstantSource.system().instant();
  private final KeyVerifier verifier;
  private final SeededKeys seeded;
  private final SplittableRandom random = new SplittableRandom();

  private MissTimes() {
    Peppers peppers = Peppers.parse("1:" + "A".repeat(43) + "=");
    var index = new KeyIndex();
    verifier = new KeyVerifier(new KeyFormat(KeyFormat.DEFAULT_BRAND), peppers, index);
    seeded = new SeededKeys(peppers, KEYS, now);
    for (long number = 0; number < KEYS; number++) {
      seeded.eventsOf(number).forEach(index::apply);
    }
  }

  /**
   * Runs the measurement.
   *
   * @param arguments the number of checks of each kind
   */
  public static void main(String[] arguments) {
    var times = new MissTimes();
    int checks = Integer.parseInt(arguments[0]);
    times.measured(checks / 5); // warm-up for the compilers
    System.exit(times.report(times.measured(checks)) ? 0 : 1);
  }

  /** Returns the nanoseconds of a number of checks of each kind. */
  private double[][] measured(int checks) {
    double[][] nanos = new double[KINDS.length][checks];
    Kind[] order = KINDS.clone();
    for (int i = 0; i < checks; i++) {
      shuffle(order);
      for (Kind kind : order) {
        nanos[kind.ordinal()][i] = nanosOf(kind, kind.secret(seeded, random));
      }
    }
    return nanos;
  }

  private void shuffle(Kind[] order) {
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      Kind kind = order[i];
      order[i] = order[other];
      order[other] = kind;
    }
  }

  private long nanosOf(Kind kind, String secret) {
    Check check = Check.of(KeySecret.of(secret), SeededKeys.WORKSPACE);
    long start = System.nanoTime();
    Decision decision = verifier.verify(check, now);
    long nanos = System.nanoTime() - start;
    if (decision.code() != kind.code) {
      throw new IllegalStateException(kind + " was answered " + decision.code());
    }
    return nanos;
  }

  private boolean report(double[][] nanos) {
    double[] all = Arrays.stream(nanos).flatMapToDouble(Arrays::stream).sorted().toArray();
    double usualMax = all[(int) (all.length * 0.99)];
    boolean even = true;
    System.out.println("| kind | mean, ns | t | mean of the usual ones, ns | t |");
    System.out.println("|---|---|---|---|---|");
    for (Kind kind : KINDS) {
      Sample every = Sample.of(nanos[kind.ordinal()], Double.MAX_VALUE);
      Sample usual = Sample.of(nanos[kind.ordinal()], usualMax);
      double t = every.welch(Sample.of(nanos[0], Double.MAX_VALUE));
      double usualT = usual.welch(Sample.of(nanos[0], usualMax));
      System.out.printf(
          "| %s | %.0f | %.2f | %.0f | %.2f |%n", kind.text, every.mean, t, usual.mean, usualT);
      even &= !kind.mustNotDiffer || Math.max(Math.abs(t), Math.abs(usualT)) < T_MAX;
    }
    System.out.printf(
        "%,d checks of each; usual: the fastest 99 of a hundred; the t of near misses must stay"
            + " below %.1f%n",
        nanos[0].length, T_MAX);
    return even;
  }

  /** The size, mean and variance of a sample, the input of Welch's test. */
  private record Sample(int count, double mean, double variance) {
    static Sample of(double[] times, double max) {
      double[] counted = Arrays.stream(times).filter(time -> time <= max).toArray();
      double mean = Arrays.stream(counted).average().orElseThrow();
      double squares = Arrays.stream(counted).map(time -> (time - mean) * (time - mean)).sum();
      return new Sample(counted.length, mean, squares / (counted.length - 1));
    }

    double welch(Sample other) {
      return (mean - other.mean) / Math.sqrt(variance / count + other.variance / other.count);
    }
  }
}
