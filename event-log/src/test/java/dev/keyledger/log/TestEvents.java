package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Events to append, for tests that do not depend on their content. */
public final class TestEvents {
  private TestEvents() {}

  public static KeyId key(long number) {
    return KeyId.of(1_750_000_000_000L, 0, number);
  }

  public static Digest digest(long number) {
    return new Digest(number, ~number, number * 31, 7);
  }

  public static KeyIssued issued(long number) {
    return new KeyIssued(
        "key " + number,
        new Owner(OwnerType.USER, "u" + number),
        Environment.LIVE,
        new StoredSecret(digest(number), 1, "kl_live_...abcd"),
        List.of("read:users"),
        null,
        Instant.parse("2030-01-01T00:00:00Z"),
        Instant.parse("2030-01-31T00:00:00Z"),
        List.of(Duration.ofDays(7)),
        List.of(),
        Map.of());
  }

  /** Returns the first event of a key. */
  public static NewEvent issue(long number) {
    return event(number, 0, issued(number));
  }

  /** Returns a later event of a key. */
  public static NewEvent change(long number, long sequence) {
    return event(number, sequence, sequence % 2 == 1 ? new KeySuspended() : new KeyResumed());
  }

  public static NewEvent event(long number, long sequence, LedgerEvent event) {
    return new NewEvent(
        StreamId.of(key(number)),
        sequence,
        "default",
        event,
        Actor.ROOT,
        "req-" + number + "-" + sequence,
        new EventContext("because", "203.0.113.7", "curl/8"));
  }
}
