package dev.keyledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A service whose answers the test determines. */
final class FakeService implements AutoCloseable {
  static final String KEY =
      """
      {"keyId":"key_1","name":"Nightly export","workspace":"default",\
      "owner":{"type":"service","id":"billing"},"environment":"live","status":"active",\
      "permissions":["read:invoices"],"ipAllowList":[],"metadata":{},"generation":1,\
      "createdAt":"2027-01-15T09:30:00Z","expiresAt":"2027-04-15T09:30:00Z",\
      "issuedBy":{"type":"root"},"version":1}\
      """;
  static final String SECRET = "kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20";
  static final String ISSUED =
      KEY.replace("\"version\":1", "\"version\":1,\"secret\":\"" + SECRET + "\"");

  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<String> bodies = new CopyOnWriteArrayList<>();
  final List<String> lastEventIds = new CopyOnWriteArrayList<>();
  volatile Function<String, Answer> answers = request -> problem(404, "not-found");
  private final HttpServer server;

  /**
   * An answer.
   *
   * @param status 0 closes the connection without one
   */
  record Answer(int status, String type, String body) {}

  FakeService() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  static Answer json(String body) {
    return new Answer(200, "application/json", body);
  }

  static Answer problem(int status, String code) {
    return new Answer(
        status,
        "application/problem+json",
        """
        {"type":"/problems/%2$s","title":"T","status":%1$d,"detail":"D","instance":"urn:x",\
        "code":"%2$s","requestId":"req_1","errors":[{"field":"name","message":"must be so"}]}\
        """
            .formatted(status, code));
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    String lastEventId = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    if (lastEventId != null) {
      lastEventIds.add(lastEventId);
    }
    bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    requests.add(request);
    try (exchange) {
      Answer answer = answers.apply(request);
      if (answer.status == 0) {
        return;
      }
      byte[] body = answer.body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.type);
      exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
