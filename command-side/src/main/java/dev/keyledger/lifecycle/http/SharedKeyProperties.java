package dev.keyledger.lifecycle.http;

import dev.keyledger.node.Variable;
import dev.keyledger.verification.decision.Permission;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the shared key. Its text form shows no secret.
 *
 * @param sharedKey an existing key, {@value #LENGTH_MIN} visible ASCII characters or more
 * @param sharedKeyPermissions permissions of that key
 */
@ConfigurationProperties("keyledger")
record SharedKeyProperties(String sharedKey, @DefaultValue List<String> sharedKeyPermissions) {
  /** The fewest characters of a shared key. */
  static final int LENGTH_MIN = 32;

  /**
   * @throws IllegalArgumentException if the key or a permission is invalid; the message does not
   *     show the key
   */
  SharedKeyProperties {
    if (sharedKey.length() < LENGTH_MIN || !sharedKey.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          "KEYLEDGER_SHARED_KEY must have at least " + LENGTH_MIN + " visible ASCII characters");
    }
    sharedKeyPermissions =
        sharedKeyPermissions.stream().filter(permission -> !permission.isEmpty()).toList();
    permissions(sharedKeyPermissions);
  }

  List<Permission> permissions() {
    return permissions(sharedKeyPermissions);
  }

  private static List<Permission> permissions(List<String> texts) {
    return Variable.parse(
        "KEYLEDGER_SHARED_KEY_PERMISSIONS", () -> texts.stream().map(Permission::known).toList());
  }

  @Override
  public String toString() {
    return "SharedKeyProperties[redacted]";
  }
}
