package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Quota;
import dev.keyledger.events.Actor;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;

/**
 * Counts the commands of each caller and of each workspace, so that no operator can make the log
 * grow without end. The root key is not limited. Thread-safe.
 */
final class CommandLimits {
  /** The keys of a batch that count as one command. */
  static final int KEYS_OF_A_COMMAND = 100;

  private final Quota<Actor> ofCallers;
  private final Quota<String> ofWorkspaces;

  CommandLimits(Quota<Actor> ofCallers, Quota<String> ofWorkspaces) {
    this.ofCallers = ofCallers;
    this.ofWorkspaces = ofWorkspaces;
  }

  /**
   * Counts a command.
   *
   * @param keys how many keys it is about; 0 counts as 1
   * @throws ProblemException with {@code rate-limited} if there have been too many
   */
  void count(Caller caller, int keys) {
    if (!caller.actor().equals(Actor.ROOT)) {
      take(ofCallers, caller.actor(), keys, "This caller sends");
      take(ofWorkspaces, caller.workspace(), keys, "The callers of this workspace send");
    }
  }

  private static <S> void take(Quota<S> quota, S subject, int keys, String whoSends) {
    Quota.Usage usage = quota.take(subject, Math.ceilDiv(Math.max(1, keys), KEYS_OF_A_COMMAND));
    if (!usage.granted()) {
      throw ProblemException.counted(
          ProblemCode.RATE_LIMITED, whoSends + " too many commands; wait a moment.", quota, usage);
    }
  }
}
