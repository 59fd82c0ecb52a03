package dev.keyledger.client;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The position tokens of this client's commands, so that its reads take them into account.
 *
 * <p>Tokens cannot be compared. A command that began after another one had ended has the later
 * position; of two that ran at the same time, either may have. A thread therefore uses the token of
 * its own last command, unless another command began after that. Thread-safe.
 */
final class Positions {
  private final AtomicLong moments = new AtomicLong();
  private final AtomicReference<@Nullable Seen> latest = new AtomicReference<>();

  @SuppressWarnings("ThreadLocalUsage") // each client has its own commands
  private final ThreadLocal<@Nullable Seen> own = new ThreadLocal<>();

  private record Seen(String token, long begun, long ended) {}

  /** Returns the moment at which a command begins. */
  long begin() {
    return moments.incrementAndGet();
  }

  /** Records the token of a command that this thread has sent. */
  void end(long begun, String token) {
    var seen = new Seen(token, begun, moments.incrementAndGet());
    own.set(seen);
    latest.accumulateAndGet(
        seen, (known, ended) -> known == null || known.begun < begun ? ended : known);
  }

  /** Returns the token that a read must name; null if there was no command. */
  @Nullable String current() {
    Seen last = latest.get();
    Seen mine = own.get();
    if (last == null || (mine != null && mine.ended > last.begun)) {
      return mine == null ? null : mine.token;
    }
    return last.token;
  }

  /** Forgets a token that the service no longer accepts, as after a restore from a backup. */
  void forget(String token) {
    latest.updateAndGet(seen -> seen != null && seen.token.equals(token) ? null : seen);
    Seen mine = own.get();
    if (mine != null && mine.token.equals(token)) {
      own.remove();
    }
  }
}
