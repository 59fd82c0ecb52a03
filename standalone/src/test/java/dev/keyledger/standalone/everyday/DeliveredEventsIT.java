package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Receiver;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Deliveries about plans and the ends of rotations, in the form of the audit. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class DeliveredEventsIT {
  private static final Duration LATE_MAX = Duration.ofMinutes(2);
  private static final String LATER =
      "{\"effectiveAt\": \"2099-01-01T00:00:00Z\", \"reason\": \"a personal reason\"}";
  private static final String[] NAMED = {
    "SuspensionPlanned", "PlanCancelled", "RevocationPlanned", "OverlapStarted", "RotationCompleted"
  };

  @Test
  void plansAndRotationsAreDeliveredByNameAndWithoutNames(KeyledgerProcess keyledger) {
    String workspace = "delivered-" + UUID.randomUUID();
    Answer opened =
        keyledger.root().post("/v1/workspaces", "{\"workspace\": \"%s\"}".formatted(workspace));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    Client root = keyledger.root().header("Keyledger-Workspace", workspace);
    Issuer issuer = new Issuer(root);
    try (var named = new Receiver();
        var all = new Receiver()) {
      create(root, named, ", \"types\": " + Issuer.strings(NAMED));
      create(root, all, "");
      IssuedKey key = issuer.issued("read:users");
      issuer.done(key, "suspend", LATER);
      issuer.done(key, "cancel-plan", "{\"reason\": \"a personal reason\"}");
      issuer.done(key, "revoke", LATER);
      IssuedKey young =
          issuer.rotated(key, "{\"overlap\": \"PT0S\", \"overlapFrom\": \"first-use\"}");
      assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");

      await().atMost(LATE_MAX).until(() -> named.events().size() >= NAMED.length);
      List<JsonNode> history = issuer.history(key).valueStream().toList();
      assertThat(history)
          .extracting(DeliveredEventsIT::type)
          .containsExactly(
              "KeyIssued",
              "SuspensionPlanned",
              "PlanCancelled",
              "RevocationPlanned",
              "KeyRotated",
              "OverlapStarted",
              "RotationCompleted");
      await().atMost(LATE_MAX).until(() -> about(key, all).size() >= history.size());
      assertThat(data(about(key, all))).isEqualTo(withoutContext(history));
      assertThat(data(named.events()))
          .isEqualTo(
              withoutContext(
                  history.stream().filter(entry -> List.of(NAMED).contains(type(entry))).toList()));
      assertThat(named.events())
          .allSatisfy(event -> {
            assertThat(event.path("subject").asString()).isEqualTo(key.id());
            assertThat(type(event)).isEqualTo("dev.keyledger." + type(event.path("data")));
          });
    }
  }

  private static void create(Client root, Receiver receiver, String more) {
    Answer created =
        root.post("/v1/webhooks", "{\"url\": \"%s\"%s}".formatted(receiver.uri(), more));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }

  private static List<JsonNode> about(IssuedKey key, Receiver receiver) {
    return receiver.events().stream()
        .filter(event -> event.path("subject").asString().equals(key.id()))
        .toList();
  }

  private static List<JsonNode> data(List<JsonNode> events) {
    return events.stream().map(event -> event.path("data")).toList();
  }

  /** Returns the entries as delivered: without possible personal data. */
  private static List<JsonNode> withoutContext(List<JsonNode> entries) {
    var delivered = new ArrayList<JsonNode>();
    for (JsonNode entry : entries) {
      ObjectNode copy = (ObjectNode) entry.deepCopy();
      delivered.add(copy.remove(List.of("ip", "userAgent", "reason")));
    }
    return delivered;
  }

  private static String type(JsonNode entry) {
    return entry.path("type").asString();
  }
}
