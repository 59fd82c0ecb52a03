package dev.keyledger.projection;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.log.NewEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random but valid events, as a busy service would record them. Not thread-safe. */
public final class Histories {
  /** The time at which the keys of these histories exist. */
  public static final Instant EPOCH = Instant.parse("2030-01-01T00:00:00Z");

  private final Random random;
  private final List<KeyId> keys = new ArrayList<>();
  private final List<Integer> sequences = new ArrayList<>();
  private final List<Integer> generations = new ArrayList<>();
  private final int series;
  private long made;

  /**
   * @param series distinguishes the keys of several histories in one log
   */
  public Histories(long seed, int series) {
    this.random = new Random(seed);
    this.series = series;
  }

  /** Returns more events, of new and existing keys. */
  public List<NewEvent> next(int count) {
    var events = new ArrayList<NewEvent>();
    for (int i = 0; i < count; i++) {
      events.add(next());
    }
    return events;
  }

  private NewEvent next() {
    if (random.nextInt(100) == 0) {
      String workspace = "workspace-" + series + "-" + made++;
      return new NewEvent(
          StreamId.ofWorkspace(workspace),
          0,
          workspace,
          new WorkspaceOpened(WorkspacePolicy.DEFAULT),
          Actor.ROOT,
          "req",
          EventContext.NONE);
    }
    if (keys.isEmpty() || random.nextInt(4) == 0) {
      KeyId key = keyId(series, made++);
      keys.add(key);
      sequences.add(0);
      generations.add(1);
      return event(key, 0, beginning());
    }
    int i = random.nextInt(keys.size());
    sequences.set(i, sequences.get(i) + 1);
    return event(keys.get(i), sequences.get(i), change(i));
  }

  private NewEvent event(KeyId key, int sequence, KeyEvent event) {
    return eventOf(key, sequence, event, actor());
  }

  /** Returns an event of a key in the workspace {@code default}. */
  public static NewEvent eventOf(KeyId key, int sequence, LedgerEvent event, Actor actor) {
    return new NewEvent(
        StreamId.of(key),
        sequence,
        "default",
        event,
        actor,
        "req-" + sequence,
        new EventContext("because", "203.0.113.7", "curl/8"));
  }

  /** Returns the id of a key. */
  public static KeyId keyId(int series, long number) {
    return KeyId.of(1_750_000_000_000L, series, number);
  }

  /** Returns the first event of a key. */
  public static KeyIssued issued(
      int series, long number, String name, Owner owner, @Nullable Instant expiresAt) {
    return new KeyIssued(
        name,
        owner,
        Environment.LIVE,
        secret(series, number, 1),
        List.of("read:users"),
        null,
        expiresAt,
        null,
        List.of(),
        List.of(),
        Map.of());
  }

  /** Returns a secret that no other key has. */
  public static StoredSecret secret(int series, long number, int generation) {
    return new StoredSecret(
        new Digest(series, number, generation, 7), 1, "kl_live_...%04d".formatted(number % 10_000));
  }

  private KeyEvent beginning() {
    KeyIssued issued =
        new KeyIssued(
            "Key " + random.nextInt(50),
            owner(),
            oneOf(Environment.values()),
            secret(series, made, 1),
            permissions(),
            random.nextBoolean() ? null : time(),
            random.nextInt(5) == 0 ? null : time(),
            null,
            List.of(Duration.ofDays(7)),
            List.of(),
            Map.of("team", "t" + random.nextInt(5)));
    return random.nextBoolean()
        ? issued
        : new KeyImported(
            issued.name(),
            issued.owner(),
            issued.environment(),
            new StoredSecret(issued.secret().digest(), 1, null),
            issued.permissions(),
            issued.notBefore(),
            issued.expiresAt(),
            issued.renewableUntil(),
            issued.reminders(),
            issued.ipAllowList(),
            issued.metadata());
  }

  private KeyEvent change(int i) {
    return switch (random.nextInt(13)) {
      case 0, 1, 2 -> new KeyRenewed(random.nextInt(5) == 0 ? null : time(), null, List.of());
      case 3 -> {
        int generation = generations.get(i) + 1;
        generations.set(i, generation);
        boolean waits = random.nextBoolean();
        yield new KeyRotated(
            generation,
            secret(series, made++ << 20, generation),
            time(),
            waits ? Duration.ofHours(random.nextInt(40)) : null,
            random.nextBoolean() ? Duration.ofHours(random.nextInt(40)) : null);
      }
      case 4 ->
          switch (random.nextInt(3)) {
            case 0 -> new OverlapStarted(generations.get(i), time(), random.nextBoolean());
            case 1 -> new RotationCompleted(generations.get(i), random.nextBoolean());
            default -> new SecretRetired(generations.get(i) - 1);
          };
      case 5 -> new KeySuspended();
      case 6 -> new KeyResumed();
      case 7 -> new KeyRevoked(oneOf(RevocationReason.values()));
      case 8 -> new PermissionsChanged(permissions(), permissions());
      case 9 -> new RestrictionsChanged(List.of("203.0.113.0/24"));
      case 10 -> new KeyDescribed("Renamed " + random.nextInt(50), Map.of("a", "b", "c", "d"));
      case 11 -> new KeyTransferred(owner());
      default ->
          switch (random.nextInt(6)) {
            case 0 -> new LeakReported(generations.get(i));
            case 3 -> new RevocationPlanned(time(), oneOf(RevocationReason.values()));
            case 4 -> new SuspensionPlanned(time());
            case 5 -> new PlanCancelled();
            case 1 -> new ExpiryApproaching(Duration.ofDays(7), time());
            default -> new KeyExpired(time());
          };
    };
  }

  private List<String> permissions() {
    return random.nextInt(4) == 0
        ? List.of("keyledger:verify", "read:r" + random.nextInt(5))
        : List.of("read:r" + random.nextInt(5), "write:r" + random.nextInt(5));
  }

  private Owner owner() {
    return new Owner(oneOf(OwnerType.values()), "o" + random.nextInt(10));
  }

  private Actor actor() {
    return random.nextBoolean()
        ? Actor.ROOT
        : new Actor(ActorType.OPERATOR, keyId(series, random.nextInt(3)).value());
  }

  /** Returns a time, possibly between two microseconds, where PostgreSQL would round. */
  private Instant time() {
    return EPOCH.plusSeconds(random.nextInt(86_400 * 100)).plusNanos(random.nextInt(2000));
  }

  private <T> T oneOf(T[] values) {
    return values[random.nextInt(values.length)];
  }
}
