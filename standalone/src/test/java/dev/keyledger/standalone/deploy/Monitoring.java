package dev.keyledger.standalone.deploy;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard of Grafana and the alerts of Prometheus. */
final class Monitoring {
  private Monitoring() {}

  static JsonNode dashboard() {
    return JsonMapper.shared().readTree(DeployFiles.text("grafana/keyledger.json"));
  }

  /** Returns the names of all alerts. */
  static List<String> alerts() {
    return rules().map(rule -> rule.path("alert").asString()).toList();
  }

  /** Returns the expressions of both. */
  static List<String> expressions() {
    return Stream.concat(
            rules().map(rule -> rule.path("expr")),
            dashboard().path("panels").findValues("expr").stream())
        .map(JsonNode::asString)
        .toList();
  }

  private static Stream<JsonNode> rules() {
    return DeployFiles.yaml("prometheus/alerts.yaml")
        .getFirst()
        .at("/groups/0/rules")
        .valueStream();
  }
}
