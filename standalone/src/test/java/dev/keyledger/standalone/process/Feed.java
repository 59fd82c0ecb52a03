package dev.keyledger.standalone.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.contract.Contract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that follows the live feed until it is closed. Fails at messages that violate the
 * contract.
 */
public final class Feed implements AutoCloseable {
  /** The media type of server-sent events. */
  public static final String MEDIA_TYPE = "text/event-stream";

  private static final String PATH = "/v1/feed";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * A message.
   *
   * @param id empty if it has none
   * @param text as it was received
   */
  public record Message(String id, String event, JsonNode data, String text) {
    static Message of(String text) {
      return new Message(
          field("id", text),
          field("event", text),
          JsonMapper.shared().readTree(field("data", text)),
          text);
    }

    private static String field(String name, String text) {
      return text.lines()
          .filter(line -> line.startsWith(name + ": "))
          .findFirst()
          .map(line -> line.substring(name.length() + 2))
          .orElse("");
    }

    /** Returns whether the message is an event of the log. */
    public boolean isEvent() {
      return !event.equals("heartbeat") && !event.equals("end");
    }

    /** Returns a description such as {@code KeyRevoked key_...}. */
    public String what() {
      return (event + " " + data.path("keyId").asString("")).strip();
    }
  }

  private final HttpResponse<InputStream> response;
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final Thread reader;

  private Feed(HttpResponse<InputStream> response) {
    this.response = response;
    reader = Thread.ofVirtual().start(this::read);
  }

  /**
   * Follows the feed, once its first message has arrived.
   *
   * @param query with {@code ?}; or empty
   */
  public static Feed of(Client client, String query) {
    var request = HttpRequest.newBuilder(URI.create(client.uri() + PATH + query)).timeout(PATIENCE);
    client.headers().forEach(request::header);
    try {
      var feed = new Feed(HTTP.send(request.build(), BodyHandlers.ofInputStream()));
      assertThat(feed.response.statusCode()).isEqualTo(200);
      feed.awaitAny(_ -> true);
      return feed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Follows the whole feed. */
  public static Feed of(Client client) {
    return of(client, "");
  }

  /** Resumes the whole feed after a message. */
  public static Feed after(Client client, String lastEventId) {
    return of(client.header("Last-Event-ID", lastEventId));
  }

  /** Returns the next message, with the empty line after it; or the rest before the end. */
  static String messageOf(BufferedReader lines) throws IOException {
    var message = new StringBuilder();
    String line;
    do {
      line = lines.readLine();
      if (line == null) {
        return message.toString();
      }
      message.append(line).append('\n');
    } while (!line.isEmpty());
    return message.toString();
  }

  private void read() {
    try (var lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
      for (String text = messageOf(lines); !text.isEmpty(); text = messageOf(lines)) {
        messages.add(Message.of(text));
      }
    } catch (IOException _) {
      // it was closed, by either side
    }
  }

  /** Returns all messages so far. */
  public List<Message> messages() {
    assertThat(
            Contract.KEYLEDGER.violations(
                "GET",
                PATH,
                response.statusCode(),
                response.headers(),
                String.join("", messages.stream().map(Message::text).toList())))
        .isEmpty();
    return List.copyOf(messages);
  }

  /** Returns the events so far, without heartbeats. */
  public List<String> events() {
    return messages().stream().filter(Message::isEvent).map(Message::what).toList();
  }

  /** Returns the id of the last message so far that has one. */
  public String lastId() {
    return messages().stream()
        .map(Message::id)
        .filter(id -> !id.isEmpty())
        .reduce("", (_, later) -> later);
  }

  /** Waits for a message; returns the first that fits. */
  public Message awaitAny(Predicate<Message> fits) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> messages.stream().filter(fits).findFirst(), found -> found.isPresent())
        .orElseThrow();
  }

  /** Waits for an event of the log, in the form of {@link Message#what}. */
  public Message awaitEvent(String what) {
    return awaitAny(message -> message.what().equals(what));
  }

  /** Waits until the node has ended the feed; returns the code of the last message. */
  public String awaitEnd() {
    try {
      assertThat(reader.join(PATIENCE)).as("ended by the node").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    Message last = messages().getLast();
    assertThat(last.event()).as(last.text()).isEqualTo("end");
    return last.data().path("code").asString();
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
