package dev.keyledger.standalone.faults;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Receiver;
import dev.keyledger.standalone.process.Receiver.Arrival;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two command nodes deliver to one receiver, which delays its answers. One of them is killed; the
 * other makes its claimed deliveries, and all others.
 */
@Timeout(1_200)
class DeliveryTakeoverIT {
  private static final int KEYS = 40;

  /** Longer than the pause before a second retry, which only a very slow machine needs. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final String NODES =
      "SELECT DISTINCT split_part(lease, '/', 1) FROM delivery.delivery WHERE lease IS NOT NULL";

  private static final String CLAIMED =
      "SELECT delivery_id FROM delivery.delivery WHERE split_part(lease, '/', 1) = '%s'";

  @Test
  void deliveriesClaimedByAKilledNodeAreMadeByTheOther(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        Receiver receiver = new Receiver();
        KeyledgerProcess one =
            KeyledgerProcess.start(Application.COMMAND_SIDE, environment(database))) {
      String killed = nodeThatDelivers(one, receiver, database);
      try (KeyledgerProcess other =
          KeyledgerProcess.start(Application.COMMAND_SIDE, environment(database))) {
        receiver.hold();
        List<String> keys = importedAndRenewed(one.root());
        await()
            .atMost(PATIENCE)
            .until(() ->
                strings(database, NODES).size() == 2
                    && hasArrived(strings(database, CLAIMED.formatted(killed)), receiver));
        one.kill9();
        List<String> claimed = strings(database, CLAIMED.formatted(killed));
        assertThat(claimed).isNotEmpty();
        assertThat(
                strings(
                    database,
                    CLAIMED.formatted(killed)
                        + " AND due_at > clock_timestamp() + interval '1 minute'"))
            .as("claimed for longer than a minute")
            .isEmpty();
        endLeasesOf(killed, database);
        receiver.release();
        var _ = done(other.root(), "/v1/keys/" + keys.getFirst() + "/revoke", "{}");

        List<String> events =
            strings(database, "SELECT position FROM log.event WHERE stream_kind = 'key'");
        assertThat(events).hasSize(2 * KEYS + 1);
        await().atMost(PATIENCE).until(() -> ofPositions(receiver).keySet().containsAll(events));
        ofPositions(receiver).forEach(DeliveryTakeoverIT::assertOneDelivery);
        for (String id : claimed) {
          assertThat(ids(receiver)).filteredOn(id::equals).as("again").hasSizeGreaterThan(1);
        }
        assertInOrder(keys, receiver);
      }
    }
  }

  private static Map<String, String> environment(OwnDatabase database) {
    var environment = new HashMap<>(database.environment());
    environment.put("KEYLEDGER_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
    return environment;
  }

  /** Creates the webhook, and returns the name under which a node claims its deliveries. */
  private static String nodeThatDelivers(
      KeyledgerProcess alone, Receiver receiver, OwnDatabase database) throws SQLException {
    Answer created =
        alone.root().post("/v1/webhooks", "{\"url\": \"%s\"}".formatted(receiver.uri()));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    receiver.hold();
    String test = "/v1/webhooks/" + created.body().path("webhookId").asString() + "/test";
    assertThat(alone.root().post(test).status()).isEqualTo(202);
    await().atMost(PATIENCE).until(() -> strings(database, NODES).size() == 1);
    String node = strings(database, NODES).getFirst();
    receiver.release();
    return node;
  }

  /** Adds two events to each of some keys, with two requests: an attempt is not held for long. */
  private static List<String> importedAndRenewed(Client client) {
    String imported =
        IntStream.rangeClosed(1, KEYS)
            .mapToObj(i ->
                "{%s, \"lifetime\": \"P1D\", \"secretSha256\": \"%064x\"}"
                    .formatted(Issuer.fields(), i))
            .collect(joining(","));
    List<String> keys =
        done(client, "/v1/keys/import", "{\"keys\": [%s]}".formatted(imported))
            .path("results")
            .valueStream()
            .map(result -> result.path("keyId").asString())
            .toList();
    String ids = Issuer.strings(keys.toArray(String[]::new));
    var _ =
        done(
            client,
            "/v1/keys/renew-batch",
            "{\"keyIds\": %s, \"lifetime\": \"P9D\"}".formatted(ids));
    return keys;
  }

  private static JsonNode done(Client client, String path, String body) {
    Answer answer = client.post(path, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  private static boolean hasArrived(List<String> claimed, Receiver receiver) {
    return !claimed.isEmpty() && ids(receiver).containsAll(claimed);
  }

  private static List<String> ids(Receiver receiver) {
    return receiver.arrivals().stream().map(Arrival::webhookId).toList();
  }

  /** Returns the arrivals about keys, by the position of the event. */
  private static Map<String, List<Arrival>> ofPositions(Receiver receiver) {
    return receiver.arrivals().stream()
        .filter(arrival -> arrival.event().at("/data").has("position"))
        .collect(groupingBy(arrival -> arrival.event().at("/data/position").asString()));
  }

  private static void assertOneDelivery(String position, List<Arrival> arrivals) {
    assertThat(arrivals).as("event " + position).isNotEmpty();
    assertThat(arrivals)
        .extracting(Arrival::webhookId)
        .containsOnly(arrivals.getFirst().webhookId());
    assertThat(arrivals).extracting(Arrival::event).containsOnly(arrivals.getFirst().event());
  }

  /** Requires the order of deliveries, except for the revocation, which overtakes others. */
  private static void assertInOrder(List<String> keys, Receiver receiver) {
    for (String key : keys) {
      assertThat(
              receiver.events().stream()
                  .filter(event -> event.path("subject").asString().equals(key))
                  .filter(event -> !event.path("type").asString().endsWith("KeyRevoked"))
                  .map(event -> event.at("/data/position").asLong()))
          .as(key)
          .isSorted();
    }
  }

  /**
   * Ends the leases of a node, which saves the test the minute. Locks the webhook first, as nodes
   * do.
   */
  private static void endLeasesOf(String node, OwnDatabase database) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          UPDATE delivery.webhook SET due_at = clock_timestamp();
          UPDATE delivery.delivery SET due_at = clock_timestamp()
          WHERE split_part(lease, '/', 1) = '%s'
          """
              .formatted(node));
    }
  }

  private static List<String> strings(OwnDatabase database, String query) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      var strings = new ArrayList<String>();
      while (row.next()) {
        strings.add(row.getString(1));
      }
      return strings;
    }
  }
}
