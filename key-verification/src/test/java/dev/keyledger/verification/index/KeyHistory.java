package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static java.util.Objects.requireNonNull;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LeakReported;
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
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random histories of keys that the command side would allow. */
final class KeyHistory {
  /** A secret that a key received with the event at a position. */
  record Minted(
      KeySecret secret,
      Digest digest,
      KeyId key,
      int generation,
      String workspace,
      int pepperVersion,
      long since) {}

  final Ledger ledger = new Ledger();
  final List<Minted> minted = new ArrayList<>();
  private final Random random;
  private final List<KeyId> keys = new ArrayList<>();
  private final Map<KeyId, Minted> latest = new HashMap<>();

  KeyHistory(Random random) {
    this.random = random;
  }

  /** Adds one event; one in {@code newKeyIn} times for a new key. */
  void step(int newKeyIn) {
    if (keys.isEmpty() || random.nextInt(newKeyIn) == 0) {
      addKey();
    } else if (random.nextInt(300) == 0) {
      ledger.addToWorkspace("w" + random.nextInt(5), new WorkspaceClosed());
    } else {
      addEvent(keys.get(random.nextInt(keys.size())));
    }
  }

  void addKey() {
    String workspace = "w" + random.nextInt(3);
    int pepper = 1 + random.nextInt(2);
    Instant begin = random.nextInt(4) == 0 ? timeNearNow().plusNanos(random.nextInt(2000)) : null;
    Instant end = random.nextBoolean() ? timeNearNow() : null;
    var spec =
        DEFAULT_SPEC
            .in(workspace)
            .under(pepper)
            .of(random.nextBoolean() ? Environment.LIVE : Environment.TEST)
            .from(begin)
            .until(end, end == null || random.nextBoolean() ? null : end.plusNanos(1));
    if (random.nextInt(3) == 0) {
      spec = spec.fromAddresses("10.0.0." + random.nextInt(9), "2001:db8::/32");
    }
    KeySecret secret = ledger.secret();
    boolean ours = random.nextBoolean();
    KeyId key = ours ? ledger.issue(spec, secret) : addImported(spec, secret);
    keys.add(key);
    remember(
        secret,
        ours
            ? Ledger.stored(secret, pepper).digest()
            : Ledger.imported(secret, workspace, pepper).digest(),
        key,
        1,
        workspace,
        pepper);
  }

  private KeyId addImported(Ledger.KeySpec spec, KeySecret secret) {
    Instant createdAt = random.nextBoolean() ? timeNearNow() : null;
    return random.nextInt(9) == 0
        ? ledger.importKey(spec, secret, createdAt, timeNearNow(), any(RevocationReason.values()))
        : ledger.importKey(spec, secret, createdAt, null, null);
  }

  void addEvent(KeyId key) {
    int some = random.nextInt(1000);
    Minted current = requireNonNull(latest.get(key));
    switch (random.nextInt(18)) {
      case 0, 1 -> ledger.add(key, new KeySuspended());
      case 2 -> ledger.add(key, new KeyResumed());
      case 3 -> {
        if (some % 4 == 0) {
          ledger.add(key, new KeyRevoked(any(RevocationReason.values())));
        }
      }
      case 4 ->
          ledger.add(key, new KeyRenewed(timeNearNow(), null, List.of(Duration.ofSeconds(some))));
      case 5 -> ledger.add(key, new KeyRenewed(null, timeNearNow(), List.of()));
      case 6 -> ledger.add(key, new PermissionsChanged(List.of("a:" + some % 9), List.of()));
      case 7 -> ledger.add(key, new PermissionsChanged(List.of("read:*"), List.of("a:1", "a:2")));
      case 8 -> ledger.add(key, new RestrictionsChanged(List.of("10.0.0." + some % 9)));
      case 9 -> ledger.add(key, new RestrictionsChanged(List.of()));
      case 10 ->
          ledger.add(key, new KeyDescribed(name(some), Map.of("z", "1", "\u20ac", "\ud800")));
      case 11 ->
          ledger.add(key, new KeyTransferred(new Owner(any(OwnerType.values()), "own-" + some)));
      case 12 ->
          ledger.add(
              key,
              switch (some % 4) {
                case 0 -> new OverlapStarted(current.generation, timeNearNow(), some % 8 == 0);
                case 1 -> new RotationCompleted(current.generation, some % 8 == 1);
                default -> new SecretRetired(current.generation - 1);
              });
      case 13 ->
          ledger.add(
              key,
              some % 2 == 0
                  ? new LeakReported(1 + some % current.generation)
                  : new ExpiryApproaching(Duration.ofDays(1), timeNearNow()));
      case 14 -> ledger.add(key, new KeyExpired(timeNearNow()));
      case 15 ->
          ledger.add(
              key,
              some % 3 == 0
                  ? new RevocationPlanned(timeNearNow(), any(RevocationReason.values()))
                  : new SuspensionPlanned(timeNearNow()));
      case 16 -> ledger.add(key, new PlanCancelled());
      default -> rotate(key);
    }
  }

  void rotate(KeyId key) {
    Minted current = requireNonNull(latest.get(key));
    KeySecret secret = ledger.secret();
    ledger.add(
        key,
        new KeyRotated(
            current.generation + 1,
            Ledger.stored(secret, 2),
            timeNearNow(),
            random.nextBoolean() ? Duration.ofMillis(random.nextInt(20_000)) : null,
            random.nextBoolean() ? Duration.ofNanos(random.nextInt(2) * 1_000_000_001L) : null));
    remember(
        secret,
        Ledger.stored(secret, 2).digest(),
        key,
        current.generation + 1,
        current.workspace,
        2);
  }

  List<KeyId> keys() {
    return keys;
  }

  private void remember(
      KeySecret secret, Digest digest, KeyId key, int generation, String workspace, int pepper) {
    var one = new Minted(secret, digest, key, generation, workspace, pepper, ledger.events.size());
    minted.add(one);
    latest.put(key, one);
  }

  /** Returns a time near the next events, sometimes exactly now. */
  private Instant timeNearNow() {
    return ledger.now().plusSeconds(random.nextInt(60) - 10L).plusNanos(random.nextInt(2) * 1000L);
  }

  private <T> T any(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private static String name(int some) {
    return switch (some % 3) {
      case 0 -> "";
      case 1 -> "caf\u00e9 " + some;
      default -> "\ud83d\udd11".repeat(50);
    };
  }
}
