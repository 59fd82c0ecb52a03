package dev.keyledger.projection.http;

import dev.keyledger.events.ActorType;
import dev.keyledger.http.list.ListCall;
import org.jspecify.annotations.Nullable;

/**
 * A filter on actors: {@code type}, or {@code type:id} for one of them.
 *
 * @param id null: all actors of the type
 */
public record ActorFilter(ActorType type, @Nullable String id) {
  /** The maximum length of an id, in characters. */
  public static final int ID_LENGTH_MAX = 128;

  /**
   * @throws IllegalArgumentException if the text is malformed, with a message for the client
   */
  public static ActorFilter parse(String text) {
    int colon = text.indexOf(':');
    String type = colon < 0 ? text : text.substring(0, colon);
    String id = colon < 0 ? null : text.substring(colon + 1);
    if (id != null && (id.isEmpty() || id.length() > ID_LENGTH_MAX)) {
      throw new IllegalArgumentException(
          "must have an id of 1 to " + ID_LENGTH_MAX + " characters after the colon");
    }
    return new ActorFilter(ListCall.named(type, ActorType.values(), ActorType::toString), id);
  }
}
