package dev.keyledger.verification.index;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import dev.keyledger.verification.secret.TestSecrets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An in-memory log that writes events as the command side does, one second apart. */
public final class Ledger {
  public static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  public static final KeyFormat FORMAT = new KeyFormat(KeyFormat.DEFAULT_BRAND);
  public static final Peppers PEPPERS = Peppers.parse("2:" + pepper('2') + ",1:" + pepper('1'));

  /** The properties of a key to be issued or imported. */
  public record KeySpec(
      String workspace,
      Environment environment,
      List<String> permissions,
      @Nullable Instant notBefore,
      @Nullable Instant expiresAt,
      @Nullable Instant renewableUntil,
      List<String> ipAllowList,
      int pepperVersion) {
    public static final KeySpec DEFAULT_SPEC =
        new KeySpec("default", Environment.LIVE, List.of("read:*"), null, null, null, List.of(), 2);

    public KeySpec in(String other) {
      return new KeySpec(
          other,
          environment,
          permissions,
          notBefore,
          expiresAt,
          renewableUntil,
          ipAllowList,
          pepperVersion);
    }

    public KeySpec of(Environment other) {
      return new KeySpec(
          workspace,
          other,
          permissions,
          notBefore,
          expiresAt,
          renewableUntil,
          ipAllowList,
          pepperVersion);
    }

    public KeySpec from(@Nullable Instant start) {
      return new KeySpec(
          workspace,
          environment,
          permissions,
          start,
          expiresAt,
          renewableUntil,
          ipAllowList,
          pepperVersion);
    }

    public KeySpec until(@Nullable Instant end, @Nullable Instant renewable) {
      return new KeySpec(
          workspace,
          environment,
          permissions,
          notBefore,
          end,
          renewable,
          ipAllowList,
          pepperVersion);
    }

    public KeySpec fromAddresses(String... ranges) {
      return new KeySpec(
          workspace,
          environment,
          permissions,
          notBefore,
          expiresAt,
          renewableUntil,
          List.of(ranges),
          pepperVersion);
    }

    public KeySpec holding(String... others) {
      return new KeySpec(
          workspace,
          environment,
          List.of(others),
          notBefore,
          expiresAt,
          renewableUntil,
          ipAllowList,
          pepperVersion);
    }

    public KeySpec under(int pepper) {
      return new KeySpec(
          workspace,
          environment,
          permissions,
          notBefore,
          expiresAt,
          renewableUntil,
          ipAllowList,
          pepper);
    }
  }

  public final List<LoggedEvent> events = new ArrayList<>();
  public final KeyIndex index = new KeyIndex();
  private final Map<StreamId, String> workspaces = new HashMap<>();
  private final Map<StreamId, Long> sequences = new HashMap<>();
  private int secrets;

  /** Returns a secret that was not used before. */
  public KeySecret secret() {
    byte[] bytes = new byte[32];
    bytes[31] = (byte) ++secrets;
    bytes[30] = (byte) (secrets >> 8);
    return TestSecrets.spell(FORMAT, Environment.LIVE, bytes);
  }

  public static StoredSecret stored(KeySecret secret, int pepperVersion) {
    return new StoredSecret(
        PEPPERS.issued(pepperVersion, secret.sha256()), pepperVersion, FORMAT.hint(secret));
  }

  public static StoredSecret imported(KeySecret secret, String workspace, int pepperVersion) {
    return new StoredSecret(
        PEPPERS.imported(pepperVersion, workspace, secret.sha256()), pepperVersion, null);
  }

  public KeyId issue(KeySpec spec, KeySecret secret) {
    return issue(Actor.ROOT, spec, secret);
  }

  /** Issues a key as another key's holder. */
  public KeyId issueAs(KeyId operator, KeySpec spec, KeySecret secret) {
    return issue(new Actor(ActorType.OPERATOR, operator.value()), spec, secret);
  }

  private KeyId issue(Actor actor, KeySpec spec, KeySecret secret) {
    return begin(
        actor,
        spec.workspace,
        new KeyIssued(
            "a key",
            new Owner(OwnerType.APP, "shop"),
            spec.environment,
            stored(secret, spec.pepperVersion),
            spec.permissions,
            spec.notBefore,
            spec.expiresAt,
            spec.renewableUntil,
            List.of(Duration.ofDays(30), Duration.ofDays(1)),
            spec.ipAllowList,
            Map.of("team", "payments", "cost", "7")));
  }

  public KeyId importKey(KeySpec spec, KeySecret secret) {
    return importKey(spec, secret, null, null, null);
  }

  /** Imports a key that was made, and maybe revoked, elsewhere. */
  public KeyId importKey(
      KeySpec spec,
      KeySecret secret,
      @Nullable Instant createdAt,
      @Nullable Instant revokedAt,
      @Nullable RevocationReason revocationReason) {
    return begin(
        Actor.ROOT,
        spec.workspace,
        new KeyImported(
            "a key from elsewhere",
            new Owner(OwnerType.USER, "42"),
            spec.environment,
            imported(secret, spec.workspace, spec.pepperVersion),
            spec.permissions,
            spec.notBefore,
            spec.expiresAt,
            spec.renewableUntil,
            List.of(),
            spec.ipAllowList,
            Map.of(),
            createdAt,
            revokedAt,
            revocationReason));
  }

  public LoggedEvent rotate(KeyId key, int generation, KeySecret secret, Instant overlapEndsAt) {
    return add(key, new KeyRotated(generation, stored(secret, 2), overlapEndsAt));
  }

  public LoggedEvent add(KeyId key, KeyEvent event) {
    StreamId stream = StreamId.of(key);
    return append(Actor.ROOT, stream, requireNonNull(workspaces.get(stream)), event);
  }

  public LoggedEvent addToWorkspace(String workspace, LedgerEvent event) {
    return append(Actor.ROOT, StreamId.ofWorkspace(workspace), workspace, event);
  }

  public LoggedEvent last() {
    return events.getLast();
  }

  /** Returns the time of the next event. */
  public Instant now() {
    return START.plusSeconds(events.size() + 1L);
  }

  public Decision verify(Check check, Instant now) {
    return new KeyVerifier(FORMAT, PEPPERS, index).verify(check, now);
  }

  private KeyId begin(Actor actor, String workspace, KeyEvent event) {
    KeyId key = KeyId.of(START.toEpochMilli(), 0, events.size() + 1L);
    workspaces.put(StreamId.of(key), workspace);
    append(actor, StreamId.of(key), workspace, event);
    return key;
  }

  private LoggedEvent append(Actor actor, StreamId stream, String workspace, LedgerEvent event) {
    var logged =
        new LoggedEvent(
            events.size() + 1L,
            stream,
            sequences.merge(stream, 1L, Long::sum) - 1,
            workspace,
            now(),
            actor,
            "request",
            event,
            EventContext.NONE);
    index.apply(logged);
    events.add(logged);
    return logged;
  }

  public static String pepper(char c) {
    return Base64.getEncoder().encodeToString(Character.toString(c).repeat(32).getBytes(US_ASCII));
  }
}
