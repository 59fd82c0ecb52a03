package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A key with a secret that was made elsewhere was imported. The event records the resolved value of
 * everything that a policy or a default determines.
 *
 * @param name a name for people
 * @param owner the party that the key belongs to
 * @param environment the environment in which the key is valid
 * @param secret the stored form of its secret; without a hint if the caller gave none
 * @param permissions the patterns that it holds, sorted
 * @param notBefore the first instant of validity, inclusive; null: immediately
 * @param expiresAt the end of validity, exclusive; null: no end
 * @param renewableUntil the end of the time for renewals, exclusive; null: as long as it is valid
 * @param reminders the times before the expiry at which to remind its holder, longest first
 * @param ipAllowList the CIDR ranges from which it may be used; empty: any address
 * @param metadata labels of the issuer; not personal data
 * @param createdAt the time of its creation elsewhere; null: unknown
 * @param revokedAt the time of its revocation elsewhere; null: it was not revoked
 * @param revocationReason the reason of its revocation elsewhere; null: it was not revoked
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
    Map<String, String> metadata,
    @Nullable Instant createdAt,
    @Nullable Instant revokedAt,
    @Nullable RevocationReason revocationReason)
    implements KeyEvent.BeginsKey {

  /**
   * @throws IllegalArgumentException if only one of the revocation's time and reason is given
   */
  public KeyImported {
    if ((revokedAt == null) != (revocationReason == null)) {
      throw new IllegalArgumentException("a revocation has a time and a reason");
    }
    permissions = List.copyOf(permissions);
    reminders = List.copyOf(reminders);
    ipAllowList = List.copyOf(ipAllowList);
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }

  /** Creates the event of a key of whose past nothing is known. */
  public KeyImported(
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
      Map<String, String> metadata) {
    this(
        name,
        owner,
        environment,
        secret,
        permissions,
        notBefore,
        expiresAt,
        renewableUntil,
        reminders,
        ipAllowList,
        metadata,
        null,
        null,
        null);
  }
}
