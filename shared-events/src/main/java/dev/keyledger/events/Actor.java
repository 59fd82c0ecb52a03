package dev.keyledger.events;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sender of a command.
 *
 * @param type the kind of actor
 * @param id the id of the key of an operator or a holder; null for all other types
 */
public record Actor(ActorType type, @Nullable String id) {
  /** The bearer of the root key. */
  public static final Actor ROOT = new Actor(ActorType.ROOT, null);

  /** A caller without a credential. */
  public static final Actor ANONYMOUS = new Actor(ActorType.ANONYMOUS, null);

  /** Keyledger itself. */
  public static final Actor SYSTEM = new Actor(ActorType.SYSTEM, null);

  /** The maximum length of an id, in characters. */
  public static final int ID_LENGTH_MAX = 128;

  /**
   * Returns the actor in a text: {@code operator:id}, {@code holder:id}, or the type alone of those
   * that have no id.
   *
   * @throws IllegalArgumentException if the text is malformed, with a message for the client
   */
  public static Actor parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String id = colon < 0 ? null : text.substring(colon + 1);
    ActorType type =
        Arrays.stream(ActorType.values())
            .filter(known -> known.toString().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "must begin with one of " + Arrays.toString(ActorType.values())));
    if (!type.hasIds()) {
      if (id != null) {
        throw new IllegalArgumentException("must not have an id: " + type + " has none");
      }
    } else if (id == null || id.isEmpty() || id.length() > ID_LENGTH_MAX || !isVisible(id)) {
      throw new IllegalArgumentException(
          "must have an id of 1 to "
              + ID_LENGTH_MAX
              + " visible ASCII characters: "
              + type
              + ":id");
    }
    return new Actor(type, id);
  }

  private static boolean isVisible(String id) {
    return id.chars().allMatch(character -> character > ' ' && character < 0x7f);
  }

  /** Returns the form used in filters, {@code type} or {@code type:id}. */
  @Override
  public String toString() {
    return id == null ? type.toString() : type + ":" + id;
  }
}
