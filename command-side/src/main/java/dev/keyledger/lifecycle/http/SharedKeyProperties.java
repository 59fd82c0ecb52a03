package dev.keyledger.lifecycle.http;

import dev.keyledger.conditions.Permission;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.lifecycle.workspace.PolicyLimits;
import dev.keyledger.node.Variable;
import dev.keyledger.verification.decision.RequestedPermission;
import dev.keyledger.verification.secret.KeyFormat;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the shared key. Its text form shows no secret.
 *
 * @param sharedKey an existing key, {@value #LENGTH_MIN} visible ASCII characters or more
 * @param sharedKeyPermissions permissions of that key
 * @param sharedKeyOverlap the time for which the key of an earlier value stays valid, an ISO 8601
 *     duration
 */
@ConfigurationProperties("keyledger")
record SharedKeyProperties(
    String sharedKey,
    @DefaultValue List<String> sharedKeyPermissions,
    @DefaultValue("PT0S") String sharedKeyOverlap) {
  /** The fewest characters of a shared key. */
  static final int LENGTH_MIN = 32;

  /**
   * @throws IllegalArgumentException if the key, a permission or the overlap is invalid; the
   *     message does not show the key
   */
  SharedKeyProperties {
    if (sharedKey.length() < LENGTH_MIN
        || sharedKey.length() > KeyFormat.LENGTH_MAX
        || !sharedKey.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          "KEYLEDGER_SHARED_KEY must have at least %d visible ASCII characters, and at most %d"
              .formatted(LENGTH_MIN, KeyFormat.LENGTH_MAX));
    }
    sharedKeyPermissions =
        sharedKeyPermissions.stream().filter(permission -> !permission.isEmpty()).toList();
    permissions(sharedKeyPermissions);
    overlap(sharedKeyOverlap);
  }

  List<Permission> permissions() {
    return permissions(sharedKeyPermissions);
  }

  Duration overlap() {
    return overlap(sharedKeyOverlap);
  }

  private static Duration overlap(String text) {
    return Variable.parse(
        "KEYLEDGER_SHARED_KEY_OVERLAP", () -> PolicyLimits.overlap(IsoDuration.parse(text)));
  }

  private static List<Permission> permissions(List<String> texts) {
    return Variable.parse(
        "KEYLEDGER_SHARED_KEY_PERMISSIONS",
        () -> texts.stream().map(RequestedPermission::of).toList());
  }

  @Override
  public String toString() {
    return "SharedKeyProperties[redacted]";
  }
}
