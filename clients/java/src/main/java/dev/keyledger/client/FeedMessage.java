package dev.keyledger.client;

import org.jspecify.annotations.Nullable;

/**
 * A message of the live feed.
 *
 * @param id the position token to resume after; null if the message has none
 * @param event the type of an event, {@code heartbeat} or {@code end}
 */
record FeedMessage(@Nullable String id, String event, String data) {

  /** Assembles messages from lines (HTML, section 9.2.6). Not thread-safe. */
  static final class Parser {
    private @Nullable String id;
    private String event = "";
    private final StringBuilder data = new StringBuilder();

    /** Returns the message that a line ends; null if it ends none. */
    @Nullable FeedMessage read(String line) {
      if (line.isEmpty()) {
        FeedMessage message = data.isEmpty() ? null : new FeedMessage(id, event, data.substring(1));
        id = null;
        event = "";
        data.setLength(0);
        return message;
      }
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (name) {
        case "id" -> id = value;
        case "event" -> event = value;
        case "data" -> data.append('\n').append(value);
        default -> {
          // a comment, or a field that means nothing here
        }
      }
      return null;
    }
  }
}
