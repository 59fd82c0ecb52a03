package dev.keyledger.client;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The feed of the workspace's events, as a node applies them. Thread-safe. */
public final class Feed {
  private final Call.Maker calls;

  Feed(Call.Maker calls) {
    this.calls = calls;
  }

  /**
   * An event.
   *
   * @param id the position token to follow after
   * @param type such as {@code KeyRevoked}
   * @param keyId null for an event of the workspace itself
   */
  public record Event(String id, long position, Instant time, String type, @Nullable String keyId) {
    static Event of(FeedMessage message) {
      Fields fields = Fields.read(message.data());
      return new Event(
          Objects.requireNonNullElse(message.id(), ""),
          fields.number("position"),
          fields.time("time"),
          fields.text("type"),
          fields.optionalText("keyId"));
    }
  }

  /**
   * Returns events as they come, without end. Close the stream. Reading it throws {@link
   * KeyledgerException.Unavailable} if the service ends the feed, and {@link UncheckedIOException}
   * if the connection breaks: follow after the last event's id then.
   *
   * @param after begins after this position token, without a gap; null: with the next event
   * @param types such as {@code KeyRevoked}; none: all
   */
  public Stream<Event> follow(@Nullable String after, String... types) {
    var parser = new FeedMessage.Parser();
    return calls
        .get("feed")
        .accepting("text/event-stream, application/problem+json")
        .header("Last-Event-ID", after)
        .query("type", List.of(types))
        .lines()
        .flatMap(line -> Stream.ofNullable(parser.read(line)))
        .filter(message -> !message.event().equals("heartbeat"))
        .map(Feed::event);
  }

  private static Event event(FeedMessage message) {
    if (message.event().equals("end")) {
      String code = Fields.read(message.data()).text("code");
      throw new KeyledgerException.Unavailable("The service has ended the feed: " + code, null);
    }
    return Event.of(message);
  }
}
