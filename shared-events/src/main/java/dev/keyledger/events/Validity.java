package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a key is good, as far as the clock decides it: while {@code notBefore <= now < expiresAt}.
 *
 * @param notBefore the first instant; null: since it was issued
 * @param expiresAt the first instant at which it is good no longer; null: without end
 * @param renewableUntil the first instant at which it cannot be renewed any more; null: without end
 * @param reminders how long before the expiry its holder is to be reminded, longest first
 */
public record Validity(
    @Nullable Instant notBefore,
    @Nullable Instant expiresAt,
    @Nullable Instant renewableUntil,
    List<Duration> reminders) {

  public Validity {
    reminders = List.copyOf(reminders);
  }

  /** Whether the expiry has come. */
  public boolean isExpiredAt(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** Whether the first instant is still to come. */
  public boolean isNotYetActiveAt(Instant now) {
    return notBefore != null && now.isBefore(notBefore);
  }

  /** Whether a renewal is still possible. */
  public boolean isRenewableAt(Instant now) {
    return renewableUntil == null || now.isBefore(renewableUntil);
  }

  /** Whether the first of the reminders is due, so that the holder should renew. */
  public boolean isRenewalDueAt(Instant now) {
    return expiresAt != null
        && !reminders.isEmpty()
        && !now.isBefore(expiresAt.minus(reminders.getFirst()));
  }

  Validity renewed(KeyRenewed event) {
    return new Validity(notBefore, event.expiresAt(), event.renewableUntil(), event.reminders());
  }
}
