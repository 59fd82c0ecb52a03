package dev.keyledger.cli;

import dev.keyledger.client.PolicyChange;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a policy; an option that is not given leaves its field as it is. */
final class PolicyOptions {
  @Option(
      names = "--default-lifetime",
      paramLabel = "DURATION",
      description = "Lifetime of keys whose command names none; 90d from the start")
  @Nullable Duration defaultLifetime;

  @Option(
      names = "--max-lifetime",
      paramLabel = "DURATION",
      description = "The longest lifetime; 366d from the start")
  @Nullable Duration maxLifetime;

  @Option(
      names = "--allow-no-expiry",
      negatable = true,
      description = "Whether keys may never expire")
  @Nullable Boolean allowNoExpiry;

  @Option(
      names = "--renewal-window",
      paramLabel = "DURATION",
      description = "How long after its expiry a key can be renewed; 30d from the start")
  @Nullable Duration renewalWindow;

  @Option(
      names = "--default-overlap",
      paramLabel = "DURATION",
      description = "Overlap of rotations that name none; 1d from the start")
  @Nullable Duration defaultOverlap;

  @Option(
      names = "--allow",
      paramLabel = "PERMISSION",
      description = "Pattern that covers what keys may hold; repeatable")
  @Nullable List<String> allowedPermissions;

  @Option(names = "--max-keys", paramLabel = "NUMBER", description = "How many keys there may be")
  @Nullable Long maxKeys;

  @Option(
      names = "--holder-may",
      paramLabel = "ACTION",
      description = "What holders may do: renew, renew-expired, rotate; repeatable")
  @Nullable List<String> holderMay;

  /** Returns whether any option is given. */
  boolean areGiven() {
    return defaultLifetime != null
        || maxLifetime != null
        || allowNoExpiry != null
        || renewalWindow != null
        || defaultOverlap != null
        || allowedPermissions != null
        || maxKeys != null
        || holderMay != null;
  }

  PolicyChange change() {
    PolicyChange change = PolicyChange.none();
    if (defaultLifetime != null) {
      change.defaultLifetime(defaultLifetime);
    }
    if (maxLifetime != null) {
      change.maxLifetime(maxLifetime);
    }
    if (allowNoExpiry != null) {
      change.allowNoExpiry(allowNoExpiry);
    }
    if (renewalWindow != null) {
      change.renewalWindow(renewalWindow);
    }
    if (defaultOverlap != null) {
      change.defaultOverlap(defaultOverlap);
    }
    if (allowedPermissions != null) {
      change.allowedPermissions(allowedPermissions.toArray(String[]::new));
    }
    if (maxKeys != null) {
      change.maxKeys(maxKeys);
    }
    if (holderMay != null) {
      change.holderMay(holderMay.toArray(String[]::new));
    }
    return change;
  }
}
