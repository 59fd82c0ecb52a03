package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads exports of the audit. */
public final class Exported {
  private static final JsonMapper JSON = new JsonMapper();

  private Exported() {}

  /** Returns the events of the whole audit, without parts that depend on the checkpoint. */
  public static List<JsonNode> by(Client client) {
    String audited = client.get("/v1/audit?limit=1").header("Keyledger-Position");
    return of(client.header("Keyledger-At-Least", audited).get("/v1/audit/export"));
  }

  /**
   * Returns the events of an export, without its trailer and parts that depend on the checkpoint.
   */
  public static List<JsonNode> of(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    var events = new ArrayList<JsonNode>();
    answer.text().lines().forEach(line -> events.add(JSON.readTree(line)));
    assertThat(events.removeLast().path("type").asString())
        .isEqualTo("dev.keyledger.ExportTrailer");
    events.forEach(event -> ((ObjectNode) event).remove("inclusionproof"));
    return events;
  }

  /** Returns the number of events that mention a text. */
  public static long count(Client client, String text) {
    return by(client).stream().filter(event -> event.toString().contains(text)).count();
  }
}
