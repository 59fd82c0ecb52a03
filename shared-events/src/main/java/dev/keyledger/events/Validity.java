package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The time during which a key is valid: while {@code notBefore <= now < expiresAt}.
 *
 * @param notBefore the first instant; null: since it was issued
 * @param expiresAt the first instant at which it is no longer valid; null: no end
 * @param renewableUntil the first instant at which it can no longer be renewed; null: no end
 * @param reminders the times before the expiry at which to remind its holder, longest first
 */
public record Validity(
    @Nullable Instant notBefore,
    @Nullable Instant expiresAt,
    @Nullable Instant renewableUntil,
    List<Duration> reminders) {
  /** The validity without end, for which there are no reminders. */
  static final Validity ENDLESS = new Validity(null, null, null, List.of());

  public Validity {
    reminders = List.copyOf(reminders);
  }

  /** Returns whether the key has expired. */
  public boolean isExpiredAt(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** Returns whether the key is not active yet. */
  public boolean isNotYetActiveAt(Instant now) {
    return notBefore != null && now.isBefore(notBefore);
  }

  /** Returns whether the key can still be renewed. */
  public boolean isRenewableAt(Instant now) {
    return renewableUntil == null || now.isBefore(renewableUntil);
  }

  /** Returns the time of the first reminder after a time; null if there is none. */
  public @Nullable Instant nextReminderAfter(Instant now) {
    if (expiresAt == null) {
      return null;
    }
    return reminders.stream()
        .map(expiresAt::minus)
        .filter(reminder -> reminder.isAfter(now))
        .min(Instant::compareTo)
        .orElse(null);
  }

  /**
   * Returns the reminders of the expiry, and the notice that it has passed, that are due in a
   * period, the earliest first.
   *
   * @param from inclusive
   * @param to inclusive
   */
  public List<KeyEvent.RemindsOfExpiry> remindersDue(Instant from, Instant to) {
    return events()
        .filter(reminder -> !reminder.dueAt().isBefore(from) && !reminder.dueAt().isAfter(to))
        .toList();
  }

  /**
   * Returns the time at which the first reminder, or the notice that the key has expired, is due
   * after a time; null if there is none.
   */
  public @Nullable Instant nextDueAfter(Instant time) {
    return events()
        .map(KeyEvent.RemindsOfExpiry::dueAt)
        .filter(due -> due.isAfter(time))
        .findFirst()
        .orElse(null);
  }

  /** Returns the events of the expiry, in the order in which they are due. */
  private Stream<KeyEvent.RemindsOfExpiry> events() {
    Instant end = expiresAt;
    return end == null
        ? Stream.of()
        : Stream.concat(
            reminders.stream().map(offset -> new ExpiryApproaching(offset, end)),
            Stream.of(new KeyExpired(end)));
  }

  /** Returns whether the first reminder is due, so that the holder should renew. */
  public boolean isRenewalDueAt(Instant now) {
    return expiresAt != null
        && !reminders.isEmpty()
        && !now.isBefore(expiresAt.minus(reminders.getFirst()));
  }

  Validity renewed(KeyRenewed event) {
    return new Validity(notBefore, event.expiresAt(), event.renewableUntil(), event.reminders());
  }
}
