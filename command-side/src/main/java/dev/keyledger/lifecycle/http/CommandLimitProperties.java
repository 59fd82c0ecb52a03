package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Quota;
import dev.keyledger.events.Actor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The limits of commands on one node. Each is from 1 to {@value #PER_SECOND_MAX}; the burst is
 * {@value #BURST_SECONDS} times that.
 *
 * @param commandsPerCaller commands of one caller per second
 * @param commandsPerWorkspace commands of all callers in one workspace per second
 */
@ConfigurationProperties("keyledger.limits")
record CommandLimitProperties(
    @DefaultValue("1000") Long commandsPerCaller, @DefaultValue("5000") Long commandsPerWorkspace) {
  private static final int BURST_SECONDS = 10;
  private static final long PER_SECOND_MAX = Quota.AMOUNT_MAX / BURST_SECONDS;

  /**
   * @throws IllegalArgumentException if a limit is out of range
   */
  CommandLimitProperties {
    requireInRange("CALLER", commandsPerCaller);
    requireInRange("WORKSPACE", commandsPerWorkspace);
  }

  private static void requireInRange(String whose, long perSecond) {
    if (perSecond < 1 || perSecond > PER_SECOND_MAX) {
      throw new IllegalArgumentException(
          "KEYLEDGER_LIMITS_COMMANDS_PER_%s must be from 1 to %d".formatted(whose, PER_SECOND_MAX));
    }
  }

  Quota<Actor> ofCallers() {
    return new Quota<>("commands", commandsPerCaller, commandsPerCaller * BURST_SECONDS);
  }

  Quota<String> ofWorkspaces() {
    return new Quota<>(
        "workspace-commands", commandsPerWorkspace, commandsPerWorkspace * BURST_SECONDS);
  }
}
