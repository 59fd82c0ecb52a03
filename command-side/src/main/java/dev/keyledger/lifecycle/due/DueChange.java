package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.Validity;
import dev.keyledger.events.WorkspaceEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an event changes in the list of due times.
 *
 * @param dueAt the first time after the event at which something is due of the key; null: never
 * @param position the position of the event
 */
public record DueChange(KeyId keyId, String workspace, @Nullable Instant dueAt, long position) {
  /**
   * Returns what an event changes; empty if nothing. The events that the sweep itself records
   * change nothing: it moves the due time on.
   *
   * @param since what was due at this time or before does not count
   */
  public static Optional<DueChange> of(LoggedEvent logged, Instant since) {
    return switch (logged.event()) {
      case WorkspaceEvent _ -> Optional.empty();
      case KeyImported imported when imported.revokedAt() != null -> Optional.empty();
      case KeyEvent.BeginsKey first ->
          Optional.of(expiring(first.expiresAt(), first.reminders(), logged, since));
      case KeyRenewed renewed ->
          Optional.of(expiring(renewed.expiresAt(), renewed.reminders(), logged, since));
      case KeyRevoked _ -> Optional.of(expiring(null, List.of(), logged, since));
      case KeyEvent _ -> Optional.empty();
    };
  }

  /**
   * Returns what an event changes of the rotation that is not complete; empty if nothing. A use
   * that completes it earlier is no event: it is found beside the log.
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

  private static DueChange expiring(
      @Nullable Instant expiresAt, List<Duration> reminders, LoggedEvent logged, Instant since) {
    Instant after = logged.time().isAfter(since) ? logged.time() : since;
    return at(new Validity(null, expiresAt, null, reminders).nextDueAfter(after), logged);
  }

  private static DueChange at(@Nullable Instant dueAt, LoggedEvent logged) {
    return new DueChange(
        new KeyId(logged.stream().id()), logged.workspace(), dueAt, logged.position());
  }
}
