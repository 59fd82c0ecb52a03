package dev.keyledger.benchmarks.seeding;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The keys of a seeded log. Each key, including its secret, is derived from its number: anybody who
 * knows the number knows the secret, so such a log must never hold real keys.
 *
 * <p>Of a hundred keys, five are revoked, five have expired, five were rotated (with the overlap
 * still open) and twenty were renewed; the others were only issued. Not thread-safe. Equal
 * parameters give equal keys.
 */
public final class SeededKeys {
  /** The workspace of all keys. */
  public static final String WORKSPACE = "default";

  /** The period in which all keys were issued; the last key was issued at its end. */
  static final Duration SPAN = Duration.ofDays(30);

  private static final int KEYS_OF_AN_OWNER = 10;
  private static final int CYCLE = 100;
  private static final int EVENTS_OF_A_CYCLE = 130;
  private static final WorkspacePolicy POLICY = WorkspacePolicy.DEFAULT;
  private static final OwnerType[] OWNER_TYPES = OwnerType.values();

  /** The history of a key. */
  public enum Fate {
    REVOKED,
    EXPIRED,
    ROTATED,
    RENEWED,
    ISSUED
  }

  private final Peppers peppers;
  private final long count;
  private final Instant end;
  private final KeyFormat format = new KeyFormat(KeyFormat.DEFAULT_BRAND);
  private final NumberedRandom random = new NumberedRandom();

  /**
   * @param count the number of keys, 1 or more
   * @param end the time at which the last one is issued
   */
  public SeededKeys(Peppers peppers, long count, Instant end) {
    this.peppers = peppers;
    this.count = count;
    this.end = end.truncatedTo(ChronoUnit.MICROS);
  }

  /** Returns the history of the key with a number, 0 or more. */
  public static Fate fateOf(long number) {
    int place = (int) (number % CYCLE);
    if (place < 15) {
      return place < 5 ? Fate.REVOKED : place < 10 ? Fate.EXPIRED : Fate.ROTATED;
    }
    return place < 35 ? Fate.RENEWED : Fate.ISSUED;
  }

  /** Returns the number of events of all keys before a number. */
  public static long eventsBefore(long number) {
    long events = number / CYCLE * EVENTS_OF_A_CYCLE;
    for (long other = number - number % CYCLE; other < number; other++) {
      events += eventsOf(fateOf(other));
    }
    return events;
  }

  private static int eventsOf(Fate fate) {
    return switch (fate) {
      case REVOKED, ROTATED, RENEWED -> 2;
      case EXPIRED, ISSUED -> 1;
    };
  }

  /**
   * Returns the secret of a key.
   *
   * @param generation 1, or 2 for a rotated key
   */
  public KeySecret secret(long number, int generation) {
    random.continueFrom(2 * number + generation);
    return format.mint(Environment.LIVE, random);
  }

  /**
   * Returns a secret of the same form that begins as a key's first one does and belongs to no key.
   *
   * @param otherBits the mask of the last bits that differ, not 0
   */
  public KeySecret nearMiss(long number, int otherBits) {
    random.continueFrom(2 * number + 1);
    random.otherBits = otherBits;
    KeySecret secret = format.mint(Environment.LIVE, random);
    random.otherBits = 0;
    return secret;
  }

  /** Returns the id of a key. */
  public KeyId keyId(long number) {
    var bits = new SplittableRandom(number);
    return KeyId.of(issuedAt(number).toEpochMilli(), bits.nextLong(), bits.nextLong());
  }

  /** Returns the events of a key, as the log would hold them, at adjacent positions. */
  public List<LoggedEvent> eventsOf(long number) {
    Instant issued = issuedAt(number);
    Instant next = issued.plus(1, ChronoUnit.MICROS);
    var facts = new ArrayList<KeyEvent>(2);
    Fate fate = fateOf(number);
    Instant expiresAt =
        issued.plus(fate == Fate.EXPIRED ? Duration.ofSeconds(1) : POLICY.defaultLifetime());
    facts.add(
        new KeyIssued(
            "Key " + number,
            ownerOf(number),
            Environment.LIVE,
            stored(number, 1),
            List.of("read:orders", "write:orders"),
            null,
            expiresAt,
            expiresAt.plus(POLICY.renewalWindow()),
            POLICY.reminders(),
            List.of(),
            Map.of("number", Long.toString(number))));
    switch (fate) {
      case REVOKED -> facts.add(new KeyRevoked(RevocationReason.NO_LONGER_USED));
      case ROTATED ->
          facts.add(
              new KeyRotated(2, stored(number, 2), next.plus(SPAN).plus(POLICY.defaultOverlap())));
      case RENEWED -> {
        Instant later = next.plus(POLICY.maxLifetime());
        facts.add(new KeyRenewed(later, later.plus(POLICY.renewalWindow()), POLICY.reminders()));
      }
      case EXPIRED, ISSUED -> {}
    }
    long position = eventsBefore(number) + 1;
    var logged = new ArrayList<LoggedEvent>(facts.size());
    StreamId stream = StreamId.of(keyId(number));
    for (int i = 0; i < facts.size(); i++) {
      logged.add(
          new LoggedEvent(
              position + i,
              stream,
              i,
              WORKSPACE,
              i == 0 ? issued : next,
              Actor.ROOT,
              "req_" + HexFormat.of().toHexDigits(0L) + HexFormat.of().toHexDigits(position + i),
              facts.get(i),
              EventContext.NONE));
    }
    return logged;
  }

  /** Returns the owner of a key. */
  public static Owner ownerOf(long number) {
    long owner = number / KEYS_OF_AN_OWNER;
    return new Owner(OWNER_TYPES[(int) (owner % OWNER_TYPES.length)], "seeded-" + owner);
  }

  private Instant issuedAt(long number) {
    long stepMicros = SPAN.toSeconds() * 1_000_000 / count;
    return end.minus(stepMicros * (count - number), ChronoUnit.MICROS);
  }

  private StoredSecret stored(long number, int generation) {
    KeySecret secret = secret(number, generation);
    int pepper = peppers.currentVersion();
    return new StoredSecret(peppers.issued(pepper, secret.sha256()), pepper, format.hint(secret));
  }

  /** A reproducible source of bytes, in the form from which secrets are minted. */
  private static final class NumberedRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private transient SplittableRandom source = new SplittableRandom();
    private transient int otherBits;

    /** Creates the source without the platform's generator, which would only cost time. */
    NumberedRandom() {
      super(new NoSource(), null);
    }

    void continueFrom(long seed) {
      source = new SplittableRandom(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
      source.nextBytes(bytes);
      for (int i = 0; i < Integer.BYTES; i++) {
        bytes[bytes.length - 1 - i] ^= (byte) (otherBits >>> (Byte.SIZE * i));
      }
    }

    private static final class NoSource extends SecureRandomSpi {
      private static final long serialVersionUID = 1;

      @Override
      protected void engineSetSeed(byte[] seed) {}

      @Override
      protected void engineNextBytes(byte[] bytes) {
        throw new UnsupportedOperationException("bytes are derived from a number");
      }

      @Override
      protected byte[] engineGenerateSeed(int numBytes) {
        throw new UnsupportedOperationException("bytes are derived from a number");
      }
    }
  }
}
