package dev.keyledger.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a workspace. Applies to later commands, except {@code operatorsOutliveIssuer}.
 *
 * @param allowedPermissions the patterns that must cover the permissions of keys; null: no
 *     restriction
 * @param maxKeys a soft limit on the number of keys that are not revoked
 * @param holderMay the actions that holders may take: {@code renew}, {@code renew-expired}, {@code
 *     rotate}
 */
public record Policy(
    Duration defaultLifetime,
    Duration maxLifetime,
    boolean allowNoExpiry,
    Duration renewalWindow,
    Duration defaultOverlap,
    List<Duration> reminders,
    @Nullable List<String> allowedPermissions,
    long maxKeys,
    boolean operatorsOutliveIssuer,
    List<String> holderMay,
    Duration rotationQuiet) {
  static Policy of(Fields fields) {
    return new Policy(
        fields.duration("defaultLifetime"),
        fields.duration("maxLifetime"),
        fields.flag("allowNoExpiry"),
        fields.duration("renewalWindow"),
        fields.duration("defaultOverlap"),
        fields.texts("reminders").stream().map(Duration::parse).toList(),
        fields.has("allowedPermissions") ? fields.texts("allowedPermissions") : null,
        fields.number("maxKeys"),
        fields.flag("operatorsOutliveIssuer"),
        fields.texts("holderMay"),
        fields.duration("rotationQuiet"));
  }
}
