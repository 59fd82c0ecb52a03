package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.Validity;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.lifecycle.KeyDecider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The effect of an event on the list of due times. It may bring the due time of a key forward, or
 * remove the key. It never postpones a due time, because several changes may be due of one key: the
 * sweep, which examines the whole key, does that. So the sweep examines a renewed key once in vain.
 *
 * @param dueAt a time at which a change of the key is due; null: none ever is
 * @param position the position of the event
 */
public record DueChange(KeyId keyId, String workspace, @Nullable Instant dueAt, long position) {
  /**
   * Returns the effect of an event; empty if it has none. The events that only the sweep records
   * have none: the sweep updates the due time itself.
   *
   * @param since the time up to which due changes do not count, inclusive
   */
  public static Optional<DueChange> of(LoggedEvent logged, Instant since) {
    return switch (logged.event()) {
      case WorkspaceEvent _ -> Optional.empty();
      case KeyImported imported when imported.revokedAt() != null -> Optional.empty();
      case KeyEvent.BeginsKey first ->
          dueFrom(reminderOf(first.expiresAt(), first.reminders(), logged, since), logged);
      case KeyRenewed renewed ->
          dueFrom(reminderOf(renewed.expiresAt(), renewed.reminders(), logged, since), logged);
      case KeyEvent.PlansState planned ->
          dueFrom(planned.plan().effectiveAt().plus(KeyDecider.PLAN_RECORDED_AFTER), logged);
      // Reminders that the plan had cancelled are due again.
      case PlanCancelled _ -> dueFrom(later(logged.time(), since), logged);
      case KeyRevoked _ -> Optional.of(at(null, logged));
      case KeyEvent _ -> Optional.empty();
    };
  }

  /** Returns this change followed by a later one of the same key. */
  DueChange then(DueChange next) {
    Instant first = dueAt;
    return first == null || next.dueAt == null || next.dueAt.isBefore(first)
        ? next
        : new DueChange(keyId, workspace, first, next.position);
  }

  /**
   * Returns the effect of an event on an incomplete rotation; empty if it has none. A use that
   * completes it earlier is not an event: it is found outside the log.
   */
  public static Optional<DueChange> ofRotation(LoggedEvent logged) {
    return switch (logged.event()) {
      case KeyRotated rotated when rotated.rotationQuiet() != null ->
          Optional.of(
              at(
                  rotated.overlapFromFirstUse() == null
                      ? rotated.overlapEndsAt()
                      : rotated.overlapEndsAt().minus(rotated.overlapFromFirstUse()),
                  logged));
      case SecretRetired _ -> Optional.of(at(logged.time(), logged));
      case KeyRevoked _ -> Optional.of(at(null, logged));
      case WorkspaceEvent _, KeyEvent _ -> Optional.empty();
    };
  }

  private static Optional<DueChange> dueFrom(@Nullable Instant dueAt, LoggedEvent logged) {
    return dueAt == null ? Optional.empty() : Optional.of(at(dueAt, logged));
  }

  private static DueChange at(@Nullable Instant dueAt, LoggedEvent logged) {
    return new DueChange(
        new KeyId(logged.stream().id()), logged.workspace(), dueAt, logged.position());
  }

  private static @Nullable Instant reminderOf(
      @Nullable Instant expiresAt, List<Duration> reminders, LoggedEvent logged, Instant since) {
    return new Validity(null, expiresAt, null, reminders).nextDueAfter(later(logged.time(), since));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
