package dev.keyledger.benchmarks.deliveries;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures a node's deliveries about imported keys to a receiver in this process: prints the
 * deliveries per second and their CPU time. The first {@link #WARM_UP} do not count. Ends with an
 * error if fewer than {@link #PER_SECOND_MIN} arrive.
 */
public final class DeliveriesPerSecond {
  /** The fewest deliveries per second. */
  static final int PER_SECOND_MIN = 500;

  private static final int WARM_UP = 5000;
  private static final int BATCH = 1000;
  private static final Duration WAIT_MAX = Duration.ofMinutes(5);
  private static final Duration LOOK_EVERY = Duration.ofMillis(2);

  private final String node;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Set<String> arrived = ConcurrentHashMap.newKeySet();

  private DeliveriesPerSecond(String node) {
    this.node = node;
  }

  /**
   * @param arguments the URL of a command node that may reach 127.0.0.1, its process id, that of
   *     its PostgreSQL, and the number of deliveries
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    ProcessHandle keyledger = process(arguments[1]);
    ProcessHandle postgres = process(arguments[2]);
    int deliveries = Integer.parseInt(arguments[3]);
    var benchmark = new DeliveriesPerSecond(arguments[0]);
    HttpServer receiver = benchmark.receiver();
    try {
      benchmark.measure(receiver.getAddress().getPort(), keyledger, postgres, deliveries);
    } finally {
      receiver.stop(0);
    }
  }

  private static ProcessHandle process(String id) {
    return ProcessHandle.of(Long.parseLong(id)).orElseThrow();
  }

  private HttpServer receiver() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 100);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          arrived.add(exchange.getRequestHeaders().getFirst("webhook-id"));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void measure(int port, ProcessHandle keyledger, ProcessHandle postgres, int deliveries)
      throws IOException, InterruptedException {
    post(
        "/v1/webhooks",
        "{\"url\":\"http://127.0.0.1:%d/\",\"types\":[\"KeyImported\"]}".formatted(port));
    for (int first = 0; first < WARM_UP + deliveries; first += BATCH) {
      post("/v1/keys/import", keys(first));
    }
    int begin = await(WARM_UP);
    long beganNanos = System.nanoTime();
    Duration ofKeyledger = cpu(keyledger);
    Duration ofPostgres = cpu(postgres);
    int end = await(WARM_UP + deliveries);
    double seconds = (System.nanoTime() - beganNanos) / 1e9;
    double measured = end - begin;
    double rate = measured / seconds;
    System.out.printf(
        "%,.0f deliveries per second; CPU per delivery: node %.0f us, PostgreSQL %.0f us%n",
        rate,
        cpu(keyledger).minus(ofKeyledger).toNanos() / 1e3 / measured,
        cpu(postgres).minus(ofPostgres).toNanos() / 1e3 / measured);
    if (rate < PER_SECOND_MIN) {
      throw new IllegalStateException("fewer than " + PER_SECOND_MIN + " per second");
    }
  }

  private int await(int deliveries) {
    long begun = System.nanoTime();
    while (arrived.size() < deliveries) {
      if (System.nanoTime() - begun > WAIT_MAX.toNanos()) {
        throw new IllegalStateException("only " + arrived.size() + " deliveries have arrived");
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    return arrived.size();
  }

  private static String keys(int first) {
    return IntStream.range(first, first + BATCH)
        .mapToObj(
            "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"a\"},\"permissions\":[],\"secretSha256\":\"%064x\"}"
                ::formatted)
        .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  private void post(String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node + path))
            .header("Authorization", "Bearer " + System.getenv("KEYLEDGER_ROOT_KEY"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IllegalStateException(path + " returned " + response.statusCode());
    }
  }

  private static Duration cpu(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants())
        .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }
}
