package dev.keyledger.events;

/**
 * The party that a key was issued to: an opaque reference into the caller's own system, not
 * personal data.
 *
 * @param type the kind of owner
 * @param id 1 to 128 characters {@code [A-Za-z0-9._~-]}, the first a letter or digit
 */
public record Owner(OwnerType type, String id) {
  private static final int ID_LENGTH_MAX = 128;

  /**
   * @throws IllegalArgumentException if the id has another form
   */
  public Owner {
    if (!hasForm(id)) {
      throw new IllegalArgumentException(
          "must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ -, the first a letter or digit");
    }
  }

  private static boolean hasForm(String id) {
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean alphanumeric =
          (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      if (!alphanumeric && (i == 0 || "._~-".indexOf(c) < 0)) {
        return false;
      }
    }
    return !id.isEmpty() && id.length() <= ID_LENGTH_MAX;
  }

  /** Returns the form used in headers and filters, {@code type:id}. */
  @Override
  public String toString() {
    return type + ":" + id;
  }
}
