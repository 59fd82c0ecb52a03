package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Quota;
import dev.keyledger.events.Actor;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.request.CommandQuota;

/**
 * Counts the commands of each caller and of each workspace, so that no operator can make the log
 * grow without limit. The root key is not limited. Thread-safe.
 */
final class CommandLimits implements CommandQuota {
  /** The keys of a batch that count as one command. */
  static final int KEYS_OF_A_COMMAND = 100;

  private final Quota<Actor> ofCallers;
  private final Quota<String> ofWorkspaces;

  CommandLimits(Quota<Actor> ofCallers, Quota<String> ofWorkspaces) {
    this.ofCallers = ofCallers;
    this.ofWorkspaces = ofWorkspaces;
  }

  @Override
  public void count(Caller caller) {
    if (isLimited(caller)) {
      take(ofCallers, caller.actor(), "This caller sends");
      take(ofWorkspaces, caller.workspace(), "The callers of this workspace send");
    }
  }

  /**
   * Counts the keys of a command, whose number is known once its body is read. The command itself
   * is not refused, but later ones are.
   */
  void countKeys(Caller caller, int keys) {
    if (isLimited(caller)) {
      int furtherCommands = Math.ceilDiv(keys, KEYS_OF_A_COMMAND) - 1;
      ofCallers.charge(caller.actor(), furtherCommands);
      ofWorkspaces.charge(caller.workspace(), furtherCommands);
    }
  }

  private static boolean isLimited(Caller caller) {
    return !caller.actor().equals(Actor.ROOT);
  }

  private static <S> void take(Quota<S> quota, S subject, String whoSends) {
    Quota.Usage usage = quota.take(subject, 1);
    if (!usage.granted()) {
      throw ProblemException.counted(
          ProblemCode.RATE_LIMITED, whoSends + " too many commands; wait a moment.", quota, usage);
    }
  }
}
