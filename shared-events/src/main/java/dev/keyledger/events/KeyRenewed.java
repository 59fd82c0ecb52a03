package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The expiry of a key changed.
 *
 * @param expiresAt the end of validity, exclusive; null: no end
 * @param renewableUntil the end of the time for renewals, exclusive; null: as long as it is valid
 * @param reminders the times before the expiry at which to remind its holder, longest first
 */
@WireType(name = "KeyRenewed", version = 1)
public record KeyRenewed(
    @Nullable Instant expiresAt, @Nullable Instant renewableUntil, List<Duration> reminders)
    implements KeyEvent.ChangesCondition {

  public KeyRenewed {
    reminders = List.copyOf(reminders);
  }
}
