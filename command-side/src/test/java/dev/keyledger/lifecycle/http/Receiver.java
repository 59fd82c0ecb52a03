package dev.keyledger.lifecycle.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A receiver of webhooks on 127.0.0.1 that records its requests. */
final class Receiver implements AutoCloseable {
  /** A received request. */
  record Got(String path, Headers headers, String body, long nanos) {
    JsonNode event() {
      return JsonMapper.shared().readTree(body);
    }

    String header(String name) {
      return headers.getFirst(name);
    }

    /** Returns the type without its prefix. */
    String type() {
      return event().path("type").asString().replace("dev.keyledger.", "");
    }

    String subject() {
      return event().path("subject").asString();
    }
  }

  /** Answers a received request. */
  interface Answering {
    void answer(HttpExchange exchange, int number) throws IOException;
  }

  private final HttpServer server;
  private final List<Got> got = new CopyOnWriteArrayList<>();

  /** Creates a receiver that answers 204. */
  Receiver() {
    this((exchange, _) -> exchange.sendResponseHeaders(204, -1));
  }

  /**
   * @param answering called with the number of the request, from 0
   */
  Receiver(Answering answering) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          int number;
          synchronized (got) {
            number = got.size();
            got.add(
                new Got(
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    body,
                    System.nanoTime()));
          }
          try (exchange) {
            answering.answer(exchange, number);
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  List<Got> got() {
    return List.copyOf(got);
  }

  /** Returns the requests about a key or a workspace. */
  List<Got> about(String subject) {
    return got.stream().filter(one -> one.subject().equals(subject)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
