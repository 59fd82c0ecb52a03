package dev.keyledger.benchmarks.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.keyledger.client.Check;
import dev.keyledger.client.Decision;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.LocalDecisions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One check that the client decides itself. The keys are known, and presented in random order; the
 * service accepts every key, and its feed sends only heartbeats.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(1)
public class LocalDecisionBenchmark {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final int HEARTBEAT_MILLIS = 100;

  /** The number of keys that are known. */
  @Param("10000")
  public int keys;

  @SuppressWarnings("NullAway.Init") // initialised by setUp, as JMH requires
  private HttpServer server;

  @SuppressWarnings("NullAway.Init")
  private Keyledger keyledger;

  @SuppressWarnings("NullAway.Init")
  private Check[] checks;

  private int next;

  /** Starts the service, and checks each key with it once. */
  @Setup
  public void setUp() throws IOException, InterruptedException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/verify", LocalDecisionBenchmark::decide);
    server.createContext("/v1/feed", LocalDecisionBenchmark::beat);
    server.start();
    keyledger =
        Keyledger.builder("http://127.0.0.1:" + server.getAddress().getPort(), "operator")
            .localDecisions(LocalDecisions.upTo(keys))
            .build();
    while (!keyledger.localDecisions().orElseThrow().live()) {
      Thread.sleep(HEARTBEAT_MILLIS);
    }
    checks = new Check[keys];
    var random = new SplittableRandom(1);
    for (int i = 0; i < keys; i++) {
      String secret = "kl_live_%049d".formatted(random.nextLong(Long.MAX_VALUE));
      checks[i] = Check.of(secret).allOf("read:users").ip("203.0.113.7");
      keyledger.checks().verify(checks[i]);
    }
  }

  /** Ends the service. */
  @TearDown
  public void tearDown() {
    keyledger.close();
    server.stop(0);
    System.out.println(keyledger.localDecisions().orElseThrow());
  }

  /** Checks a valid key with a permission that a pattern covers, and an address in its list. */
  @Benchmark
  public Decision hit() {
    next = next + 1 == keys ? 0 : next + 1;
    return keyledger.checks().verify(checks[next]);
  }

  private static void decide(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    byte[] answer =
        """
        {"valid":true,"code":"VALID","keyId":"key_%d","name":"n","workspace":"default",\
        "owner":{"type":"app","id":"x"},"environment":"live",\
        "permissions":["write:reports","read:*"],"missingPermissions":[],"metadata":{},\
        "expiresAt":"2126-01-01T00:00:00Z","renewalDue":false,"generation":1,\
        "currentGeneration":1,"ipAllowList":["198.51.100.0/24","203.0.113.0/24"],\
        "decidedBy":{"type":"KeyIssued","position":1,"time":"2027-01-15T09:30:00Z"},\
        "position":1,"asOf":"%s"}\
        """
            .formatted(new String(body, UTF_8).hashCode() & 0xffff, CLOCK.instant())
            .getBytes(UTF_8);
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private static void beat(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        Instant now = CLOCK.instant();
        out.write(
            "id: x\nevent: heartbeat\ndata: {\"position\":1,\"asOf\":\"%s\"}\n\n"
                .formatted(now)
                .getBytes(UTF_8));
        out.flush();
        Thread.sleep(HEARTBEAT_MILLIS);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }
}
