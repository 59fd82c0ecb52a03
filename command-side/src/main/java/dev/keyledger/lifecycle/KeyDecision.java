package dev.keyledger.lifecycle;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The decision about a command on one key.
 *
 * @param before the key before the command; null: there was none
 */
public record KeyDecision(Outcome outcome, @Nullable KeyView before) implements CommandDecision {
  @Override
  public Optional<Outcome.Rejected> rejected() {
    return outcome instanceof Outcome.Rejected rejected ? Optional.of(rejected) : Optional.empty();
  }

  @Override
  public long position() {
    return before == null ? 0 : before.position();
  }

  /**
   * Returns the key after an accepted command.
   *
   * @param appended the events of the command as they are in the log
   */
  public KeyView after(List<LoggedEvent> appended) {
    return requireNonNull(KeyView.after(before, appended), "an accepted command leaves a key");
  }
}
