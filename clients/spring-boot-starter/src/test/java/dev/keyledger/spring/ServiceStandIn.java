package dev.keyledger.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Answers checks as the service does: the key {@code good} holds {@code read:*} and {@code
 * actuator}.
 */
final class ServiceStandIn implements AutoCloseable {
  private static final String POSITION = "\"position\":7,\"asOf\":\"2027-02-01T12:00:00Z\"";
  private static final String VALID =
      """
      {"valid":true,"code":"VALID","keyId":"key_1","name":"Good","workspace":"acme",\
      "owner":{"type":"service","id":"reports"},"environment":"live",\
      "permissions":["read:*","actuator"],"renewalDue":false,"generation":1,%s}\
      """
          .formatted(POSITION);
  private static final String NOT_FOUND =
      "{\"valid\":false,\"code\":\"NOT_FOUND\",%s}".formatted(POSITION);

  private final HttpServer server;
  final List<String> workspaces = new CopyOnWriteArrayList<>();

  ServiceStandIn() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/verify", this::verify);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void verify(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      workspaces.add(exchange.getRequestHeaders().getFirst("Keyledger-Workspace"));
      boolean known =
          exchange.getRequestHeaders().getFirst("Authorization").equals("Bearer secret");
      byte[] answer = (body.contains("\"good\"") ? VALID : NOT_FOUND).getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(known ? 200 : 401, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
