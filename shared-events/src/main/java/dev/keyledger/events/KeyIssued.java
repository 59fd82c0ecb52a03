package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A key was issued. The event records the resolved value of everything that a policy or a default
 * determines.
 *
 * @param name a name for people
 * @param owner the party that the key was issued to
 * @param environment the environment in which the key is valid
 * @param secret the stored form of its first secret
 * @param permissions the patterns that it holds, sorted
 * @param notBefore the first instant of validity, inclusive; null: immediately
 * @param expiresAt the end of validity, exclusive; null: no end
 * @param renewableUntil the end of the time for renewals, exclusive; null: as long as it is valid
 * @param reminders the times before the expiry at which to remind its holder, longest first
 * @param ipAllowList the CIDR ranges from which it may be used; empty: any address
 * @param metadata labels of the issuer; not personal data
 */
@WireType(name = "KeyIssued", version = 1)
public record KeyIssued(
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

  public KeyIssued {
    permissions = List.copyOf(permissions);
    reminders = List.copyOf(reminders);
    ipAllowList = List.copyOf(ipAllowList);
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }
}
