package dev.keyledger.events;

import java.util.regex.Pattern;

/**
 * Whom a key was issued to: an opaque reference into the caller's own system, not personal data.
 *
 * @param type what kind of holder it is
 * @param id 1 to 128 characters {@code [A-Za-z0-9._~-]}, the first a letter or digit
 */
public record Owner(OwnerType type, String id) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._~-]{0,127}");

  /**
   * @throws IllegalArgumentException if the id has another form
   */
  public Owner {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ -, the first a letter or digit");
    }
  }

  /** The form used in headers and filters, {@code type:id}. */
  @Override
  public String toString() {
    return type + ":" + id;
  }
}
