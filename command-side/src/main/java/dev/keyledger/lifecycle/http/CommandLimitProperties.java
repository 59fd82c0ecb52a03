package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Quota;
import dev.keyledger.events.Actor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The limits of commands on one node. Each is from 1 to {@value Quota#PER_SECOND_MAX}; the burst is
 * {@value Quota#BURST_SECONDS} times that.
 *
 * @param commandsPerCaller commands of one caller per second
 * @param commandsPerWorkspace commands of all callers in one workspace per second
 */
@ConfigurationProperties("keyledger.limits")
record CommandLimitProperties(
    @DefaultValue("1000") Long commandsPerCaller, @DefaultValue("5000") Long commandsPerWorkspace) {
  /**
   * @throws IllegalArgumentException if a limit is out of range
   */
  CommandLimitProperties {
    requireInRange("CALLER", commandsPerCaller);
    requireInRange("WORKSPACE", commandsPerWorkspace);
  }

  private static void requireInRange(String whose, long perSecond) {
    if (perSecond < 1 || perSecond > Quota.PER_SECOND_MAX) {
      throw new IllegalArgumentException(
          "KEYLEDGER_LIMITS_COMMANDS_PER_%s must be from 1 to %d"
              .formatted(whose, Quota.PER_SECOND_MAX));
    }
  }

  Quota<Actor> ofCallers() {
    return new Quota<>("commands", commandsPerCaller, commandsPerCaller * Quota.BURST_SECONDS);
  }

  Quota<String> ofWorkspaces() {
    return new Quota<>(
        "workspace-commands", commandsPerWorkspace, commandsPerWorkspace * Quota.BURST_SECONDS);
  }
}
