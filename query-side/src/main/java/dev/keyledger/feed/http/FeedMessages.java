package dev.keyledger.feed.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.EventType;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.http.StrictJson;
import dev.keyledger.log.PositionTokens;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of the feed, in the form of server-sent events (HTML, section 9.2). Caches
 * those of the latest events, because most clients get the same ones. Thread-safe.
 */
final class FeedMessages {
  /** The maximum number of cached messages. */
  private static final int KEPT_MAX = 1024;

  private final PositionTokens tokens;
  private final AtomicReferenceArray<@Nullable Kept> kept = new AtomicReferenceArray<>(KEPT_MAX);

  FeedMessages(PositionTokens tokens) {
    this.tokens = tokens;
  }

  private static final class Kept {
    private final long position;
    private final byte[] message;

    Kept(long position, byte[] message) {
      this.position = position;
      this.message = message;
    }
  }

  /**
   * The data of an event.
   *
   * @param keyId null for an event of the workspace itself
   */
  private record Event(long position, Instant time, String type, @Nullable String keyId) {}

  /**
   * The data of a heartbeat.
   *
   * @param position every event up to it was sent, unless it was filtered out
   * @param asOf every event of the log up to that time is among them
   */
  private record Heartbeat(long position, Instant asOf) {}

  /** The data of the last message. */
  private record End(String code) {}

  /** Returns the message of an event. The caller must not change it. */
  byte[] event(LoggedEvent event) {
    int place = (int) (event.position() % KEPT_MAX);
    Kept found = kept.get(place);
    if (found == null || found.position != event.position()) {
      found = new Kept(event.position(), written(event));
      kept.set(place, found);
    }
    return found.message;
  }

  private byte[] written(LoggedEvent event) {
    String type = EventType.of(event.event()).wireName();
    StreamId stream = event.stream();
    String keyId = stream.kind() == StreamId.Kind.KEY ? stream.id() : null;
    return message(event.position(), type, new Event(event.position(), event.time(), type, keyId));
  }

  /** Returns a heartbeat. */
  byte[] heartbeat(long position, Instant asOf) {
    return message(position, "heartbeat", new Heartbeat(position, asOf));
  }

  /** Returns the last message. It has no id, so that the client's last one remains. */
  byte[] end(String code) {
    return message("end", new End(code)).getBytes(UTF_8);
  }

  private byte[] message(long position, String name, Object data) {
    return ("id: " + tokens.issue(position) + "\n" + message(name, data)).getBytes(UTF_8);
  }

  private static String message(String name, Object data) {
    return "event: " + name + "\ndata: " + StrictJson.MAPPER.writeValueAsString(data) + "\n\n";
  }
}
