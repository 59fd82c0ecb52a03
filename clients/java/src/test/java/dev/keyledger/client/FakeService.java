package dev.keyledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A service whose answers and feed the test determines. */
final class FakeService implements AutoCloseable {
  static final Instant START = Instant.parse("2027-02-01T12:00:00Z");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  final List<Request> requests = new CopyOnWriteArrayList<>();
  final List<Feed> feeds = new CopyOnWriteArrayList<>();

  volatile Function<Request, Answer> answers = request -> Answer.problem(404, "not-found");
  volatile Function<Request, Answer> feedAnswers = request -> Answer.json("");

  /** A request as it came. */
  record Request(String method, String target, String body, Map<String, List<String>> headers) {
    @Nullable String header(String name) {
      List<String> values = headers.get(name);
      return values == null ? null : values.get(0);
    }

    Fields fields() {
      return Fields.read(body);
    }
  }

  /**
   * An answer.
   *
   * @param status 0 closes the connection without an answer
   */
  record Answer(int status, String type, String body, Map<String, String> headers) {
    static final Answer LOST = new Answer(0, "", "", Map.of());

    static Answer json(String body) {
      return new Answer(200, "application/json", body, Map.of());
    }

    static Answer problem(int status, String code) {
      return new Answer(
          status,
          "application/problem+json",
          """
          {"type":"/problems/%2$s","title":"T","status":%1$d,"detail":"D","instance":"urn:x",\
          "code":"%2$s","requestId":"req_1","errors":[{"field":"f","message":"m"}]}\
          """
              .formatted(status, code),
          Map.of());
    }

    Answer with(String name, String value) {
      var all = new HashMap<>(headers);
      all.put(name, value);
      return new Answer(status, type, body, all);
    }
  }

  /** One client of the feed. */
  static final class Feed {
    private static final String CUT = "";

    final Request request;
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

    private Feed(Request request) {
      this.request = request;
    }

    /** Sends a heartbeat with the time and the position of the feed. */
    void heartbeat(long position, Instant asOf) {
      send(position, "heartbeat", "{\"position\":%d,\"asOf\":\"%s\"}".formatted(position, asOf));
    }

    /** Sends an event of a key, or of the workspace. */
    void event(long position, String type, @Nullable String keyId) {
      String key = keyId == null ? "" : ",\"keyId\":\"%s\"".formatted(keyId);
      send(
          position,
          type,
          "{\"position\":%d,\"time\":\"%s\",\"type\":\"%s\"%s}"
              .formatted(position, START, type, key));
    }

    void end(String code) {
      messages.add("event: end\ndata: {\"code\":\"%s\"}\n\n".formatted(code));
    }

    void cut() {
      messages.add(CUT);
    }

    private void send(long position, String event, String data) {
      messages.add("id: token-%d\nevent: %s\ndata: %s\n\n".formatted(position, event, data));
    }
  }

  FakeService() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, request -> answers.apply(request)));
    server.createContext("/v1/feed", this::feed);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Returns the only request so far. */
  Request request() {
    if (requests.size() != 1) {
      throw new AssertionError("there were " + requests.size() + " requests");
    }
    return requests.get(0);
  }

  private void answer(HttpExchange exchange, Function<Request, Answer> from) throws IOException {
    Request request = read(exchange);
    requests.add(request);
    try (exchange) {
      Answer answer = from.apply(request);
      if (answer.status != 0) {
        write(exchange, answer);
      }
    }
  }

  private void feed(HttpExchange exchange) throws IOException {
    Request request = read(exchange);
    try (exchange) {
      Answer answer = feedAnswers.apply(request);
      if (answer.status != 200) {
        write(exchange, answer);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      var feed = new Feed(request);
      feeds.add(feed);
      while (true) {
        String message = feed.messages.take();
        if (message.equals(Feed.CUT)) {
          return;
        }
        exchange.getResponseBody().write(message.getBytes(UTF_8));
        exchange.getResponseBody().flush();
      }
    } catch (InterruptedException closed) {
      // the test has ended
    }
  }

  private static Request read(HttpExchange exchange) throws IOException {
    return new Request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().toString(),
        new String(exchange.getRequestBody().readAllBytes(), UTF_8),
        exchange.getRequestHeaders());
  }

  private static void write(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", answer.type);
    answer.headers.forEach(exchange.getResponseHeaders()::set);
    byte[] body = answer.body.getBytes(UTF_8);
    exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  /** Ends everything: connections are refused from now on. */
  @Override
  public void close() {
    new ArrayList<>(feeds).forEach(Feed::cut);
    server.stop(0);
    threads.shutdownNow();
  }
}
