package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.operations.Documented;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The dashboard and the alerts use metrics that exist. */
class MonitoringTest {
  private static final Pattern METRIC = Pattern.compile("\\b(?:keyledger|http|jvm|process)_\\w+");

  @Test
  void everyMetricIsDocumented() throws IOException {
    var used = new TreeSet<String>();
    for (String expression : Monitoring.expressions()) {
      METRIC
          .matcher(expression)
          .results()
          .forEach(found -> used.add(found.group().replaceFirst("_(bucket|count|sum)$", "")));
    }

    assertThat(used).hasSizeGreaterThan(20);
    assertThat(Documented.metrics()).containsAll(used);
  }

  @Test
  void panelsDoNotOverlap() {
    var taken = new HashSet<String>();
    var ids = new HashSet<Integer>();
    for (JsonNode panel : Monitoring.dashboard().path("panels")) {
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      JsonNode place = panel.path("gridPos");
      int right = place.path("x").asInt() + place.path("w").asInt();
      assertThat(right).isLessThanOrEqualTo(24);
      for (int x = place.path("x").asInt(); x < right; x++) {
        for (int row = 0; row < place.path("h").asInt(); row++) {
          assertThat(taken.add(x + "," + (place.path("y").asInt() + row)))
              .as(panel.path("title").asString())
              .isTrue();
        }
      }
    }
  }

  @Test
  @Tag("tools")
  void prometheusUnderstandsTheAlertsAndEachFiresPastItsLimit() throws Exception {
    for (List<String> check :
        List.of(
            List.of("promtool", "check", "rules", "alerts.yaml"),
            List.of("promtool", "test", "rules", "alerts-test.yaml"))) {
      Process process =
          new ProcessBuilder(check)
              .directory(DeployFiles.directory().resolve("prometheus").toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
    }
  }

  @Test
  void everyAlertIsTested() {
    String tests = DeployFiles.text("prometheus/alerts-test.yaml");
    assertThat(Monitoring.alerts()).hasSizeGreaterThan(10);
    for (String alert : Monitoring.alerts()) {
      assertThat(tests).contains("alertname=\"" + alert + "\"");
    }
  }
}
