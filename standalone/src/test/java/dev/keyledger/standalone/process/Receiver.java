package dev.keyledger.standalone.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A receiver of webhooks on 127.0.0.1 that records its requests. */
public final class Receiver implements AutoCloseable {
  /**
   * A delivery that has arrived.
   *
   * @param webhookId the header {@code webhook-id}
   */
  public record Arrival(String webhookId, JsonNode event) {}

  private final HttpServer server;
  private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
  private final AtomicInteger held = new AtomicInteger();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** Starts it. */
  public Receiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            arrivals.add(
                new Arrival(
                    exchange.getRequestHeaders().getFirst("webhook-id"),
                    JsonMapper.shared().readTree(body)));
            held.incrementAndGet();
            gate.await();
            exchange.sendResponseHeaders(204, -1);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          } finally {
            held.decrementAndGet();
          }
        });
    server.start();
  }

  /** Returns its address, without a path. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Returns the arrived requests, in this order. */
  public List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  /** Returns the CloudEvents that have arrived, in this order. */
  public List<JsonNode> events() {
    return arrivals.stream().map(Arrival::event).toList();
  }

  /** Holds the answers to requests until {@link #release}. */
  public void hold() {
    gate = new CountDownLatch(1);
  }

  public void release() {
    gate.countDown();
  }

  /** Returns the number of requests that wait for their answers. */
  public int held() {
    return held.get();
  }

  @Override
  public void close() {
    release();
    server.stop(0);
  }
}
