package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Traces go where they are told to, once they are switched on. */
@Timeout(120)
class TracesIT {
  private final List<String> received = new CopyOnWriteArrayList<>();
  private HttpServer collector;

  @BeforeEach
  void listen() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          received.add(new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.stop(0);
  }

  @Test
  void theyAreOffUntilSwitchedOn() {
    try (var keyledger = KeyledgerProcess.start(Application.STANDALONE, environment())) {
      keyledger.issuer().issued("read:users");
      keyledger.terminate(); // which sends what is left
      assertThat(received).isEmpty();
    }
  }

  @Test
  void switchedOnTheyNameRequestsAndCommandsAndNoSecret() {
    Map<String, String> environment = environment();
    environment.put("MANAGEMENT_TRACING_EXPORT_ENABLED", "true");
    try (var keyledger = KeyledgerProcess.start(Application.STANDALONE, environment)) {
      IssuedKey key = keyledger.issuer().issued("read:users");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> hasSpan("post /v1/keys") && hasSpan("command IssueKey"));
      assertThat(received).noneMatch(spans -> spans.contains(key.secret()));
      assertThat(received).noneMatch(spans -> spans.contains(keyledger.rootKey()));
      keyledger.terminate();
    }
  }

  private boolean hasSpan(String name) {
    return received.stream().anyMatch(spans -> spans.contains(name));
  }

  private Map<String, String> environment() {
    var environment = new LinkedHashMap<String, String>();
    environment.put("MANAGEMENT_TRACING_SAMPLING_PROBABILITY", "1");
    environment.put(
        "MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_OTLP_ENDPOINT",
        "http://127.0.0.1:%d/v1/traces".formatted(collector.getAddress().getPort()));
    return environment;
  }
}
