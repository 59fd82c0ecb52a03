package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key got a new expiry.
 *
 * @param expiresAt until when it is good, exclusive; null: without end
 * @param renewableUntil until when it can be renewed, exclusive; null: as long as it lives
 * @param reminders how long before the expiry its holder is to be reminded, longest first
 */
@WireType(name = "KeyRenewed", version = 1)
public record KeyRenewed(
    @Nullable Instant expiresAt, @Nullable Instant renewableUntil, List<Duration> reminders)
    implements KeyEvent.ChangesCondition {

  public KeyRenewed {
    reminders = List.copyOf(reminders);
  }
}
