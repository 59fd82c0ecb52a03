package dev.keyledger.events;

/**
 * The party that a key was issued to: an opaque reference into the caller's own system, not
 * personal data.
 *
 * @param type the kind of owner
 * @param id 1 to {@value #ID_LENGTH_MAX} visible ASCII characters, as in the ids of identity
 *     providers
 */
public record Owner(OwnerType type, String id) {
  /** The maximum length of an id, in characters. */
  public static final int ID_LENGTH_MAX = 255;

  /**
   * @throws IllegalArgumentException if the id is malformed
   */
  public Owner {
    if (!hasForm(id)) {
      throw new IllegalArgumentException(
          "must be 1 to " + ID_LENGTH_MAX + " visible ASCII characters, without spaces");
    }
  }

  private static boolean hasForm(String id) {
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) <= ' ' || id.charAt(i) > '~') {
        return false;
      }
    }
    return !id.isEmpty() && id.length() <= ID_LENGTH_MAX;
  }

  /**
   * Returns the form used in headers and filters, {@code type:id}. The first colon ends the type;
   * the id may hold others.
   */
  @Override
  public String toString() {
    return type + ":" + id;
  }
}
