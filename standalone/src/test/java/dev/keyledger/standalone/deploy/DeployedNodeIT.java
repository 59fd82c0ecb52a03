package dev.keyledger.standalone.deploy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The requests that deployments send to a node, and its answers. */
@Timeout(60)
@ExtendWith(SharedStandalone.class)
class DeployedNodeIT {
  private static final Pattern SELECTOR = Pattern.compile("(\\w+)\\{([^}]+)}");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=");

  /** The label that a scrape adds. */
  private static final String JOB = "job";

  @Test
  void theHealthCheckOfTheImageReportsReadiness(KeyledgerProcess keyledger) throws Exception {
    for (Port port : Port.values()) {
      String number = Integer.toString(keyledger.uri(port).getPort());
      assertThat(health(Map.of(), number)).as("%s", port).isZero();
      assertThat(health(Map.of("SERVER_PORT", number))).isZero();
    }
    assertThat(health(Map.of(), Integer.toString(closedPort()))).isEqualTo(1);
  }

  @Test
  void aNodeThatIsNotReadyIsNotHealthy() throws Exception {
    try (var answering = new ServerSocket(0)) {
      var answer =
          Thread.ofVirtual()
              .start(() -> {
                try (var connection = answering.accept()) {
                  connection
                      .getOutputStream()
                      .write("HTTP/1.1 503 Service Unavailable\r\n\r\n".getBytes(US_ASCII));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(health(Map.of(), Integer.toString(answering.getLocalPort()))).isEqualTo(1);
      answer.join();
    }
  }

  @Test
  void theProbesOfKubernetesAreAnswered(KeyledgerProcess keyledger) {
    List<JsonNode> probes = Kubernetes.probes();
    assertThat(probes).hasSize(6);
    for (JsonNode probe : probes) {
      Port port = probe.path("port").asString().equals("fast") ? Port.FAST : Port.MAIN;
      assertThat(keyledger.client(port).get(probe.path("path").asString()).status())
          .as("%s", probe)
          .isEqualTo(200);
    }
  }

  @Test
  void theLabelsThatTheDashboardAndTheAlertsSelectAreThere(KeyledgerProcess keyledger) {
    keyledger.issuer().codeOf(keyledger.issuer().issued("read:users").secret());
    Metrics metrics = Metrics.of(keyledger);
    int selected = 0;
    for (String expression : Monitoring.expressions()) {
      for (MatchResult selector : SELECTOR.matcher(expression).results().toList()) {
        for (MatchResult label : LABEL.matcher(selector.group(2)).results().toList()) {
          if (!label.group(1).equals(JOB)) {
            selected++;
            assertThat(metrics.lines())
                .as(selector.group())
                .anyMatch(line ->
                    line.startsWith(selector.group(1) + "{")
                        && line.contains(label.group(1) + "=\""));
          }
        }
      }
    }
    assertThat(selected).isGreaterThan(5);
  }

  private static int health(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(DeployFiles.directory().resolve("health").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }

  private static int closedPort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
