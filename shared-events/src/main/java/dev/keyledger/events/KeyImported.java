package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A key whose secret was made elsewhere was taken in. Everything that a policy or a default had a
 * say in is recorded as it was resolved.
 *
 * @param name what people call the key
 * @param owner whom the key belongs to
 * @param environment where the key is good
 * @param secret what is stored of its secret, which has no hint
 * @param permissions the patterns that it holds, sorted
 * @param notBefore from when on it is good, inclusive; null: at once
 * @param expiresAt until when it is good, exclusive; null: without end
 * @param renewableUntil until when it can be renewed, exclusive; null: as long as it lives
 * @param reminders how long before the expiry its holder is to be reminded, longest first
 * @param ipAllowList the CIDR ranges that it is good from; empty: any address
 * @param metadata what the issuer wants to find again; not personal data
 */
@WireType(name = "KeyImported", version = 1)
public record KeyImported(
    String name,
    Owner owner,
    Environment environment,
    StoredSecret secret,
    List<String> permissions,
    @Nullable Instant notBefore,
    @Nullable Instant expiresAt,
    @Nullable Instant renewableUntil,
    List<Duration> reminders,
    List<String> ipAllowList,
    Map<String, String> metadata)
    implements KeyEvent.BeginsKey {

  public KeyImported {
    permissions = List.copyOf(permissions);
    reminders = List.copyOf(reminders);
    ipAllowList = List.copyOf(ipAllowList);
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }
}
