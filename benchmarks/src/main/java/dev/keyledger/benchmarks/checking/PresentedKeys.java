package dev.keyledger.benchmarks.checking;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.verification.secret.Peppers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The secrets that a benchmark presents, in random order: up to four million distinct ones, so that
 * neither they nor what is looked up by them fits into a cache of the processor.
 *
 * <p>They stand one after the other as bytes, as in the buffers of a server.
 */
@State(Scope.Benchmark)
public class PresentedKeys {
  /** The maximum number of distinct secrets. */
  static final int PRESENTED_MAX = 1 << 22;

  /** The number of keys in the index or the map. */
  @Param({"100000", "1000000"})
  public int keys;

  final Instant now = InstantSource.system().instant();
  final Peppers peppers = Peppers.parse("1:" + "A".repeat(43) + "=");

  @SuppressWarnings("NullAway.Init") // initialised by setUp, as JMH requires
  SeededKeys seeded;

  private int length;
  private byte[] known = {};
  private byte[] unknown = {};
  private int next;

  /** Creates the secrets. */
  @Setup
  public void setUp() {
    seeded = new SeededKeys(peppers, keys, now);
    int[] numbers = shuffled(keys);
    int presented = Math.min(keys, PRESENTED_MAX);
    length = text(0).length();
    known = new byte[presented * length];
    unknown = new byte[presented * length];
    for (int i = 0; i < presented; i++) {
      put(text(numbers[i]), known, i);
      put(text((long) keys + i), unknown, i);
    }
  }

  /** Returns the first secret of the key with a number. */
  String text(long number) {
    return seeded.secret(number, 1).revealToItsCaller();
  }

  /** Returns the next known secret, as a new string. */
  String known() {
    return nextIn(known);
  }

  /** Returns the next secret that belongs to no key, as a new string. */
  String unknown() {
    return nextIn(unknown);
  }

  private String nextIn(byte[] secrets) {
    int at = next;
    next = at + length == secrets.length ? 0 : at + length;
    return new String(secrets, at, length, ISO_8859_1);
  }

  private void put(String text, byte[] secrets, int place) {
    System.arraycopy(text.getBytes(ISO_8859_1), 0, secrets, place * length, length);
  }

  private static int[] shuffled(int count) {
    var random = new SplittableRandom(1);
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      numbers[i] = numbers[other];
      numbers[other] = i;
    }
    return numbers;
  }
}
