package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Pages;
import dev.keyledger.verification.secret.Peppers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Every golden event, appended to the log of a running node: the index, the directory, the audit
 * and the key's own history show it.
 */
@Timeout(180)
class GoldenEventsIT {
  private static final String APPEND =
      """
      WITH head AS (
        UPDATE log.log_head SET position = position + 1, time = greatest(time, clock_timestamp())
        RETURNING position, time)
      INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
        time, actor_type, request_id, payload, context_hash)
      SELECT position, ?, ?, ?, ?, ?, ?, time, 'root', 'golden', ?, sha256('') FROM head
      """;

  /**
   * The pattern of expiries. A clock cannot be set back to the time of the golden keys: their
   * validity is extended instead.
   */
  private static final Pattern END =
      Pattern.compile("(?<end>\"(?:expiresAt|renewableUntil|overlapEndsAt|effectiveAt)\":\")20");

  private static final String PEPPERS =
      "3:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=,"
          + "2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,"
          + "1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

  /**
   * The codes that golden events lead to for the secret that their key was issued with, except
   * VALID.
   */
  private static final Map<String, String> CODE_OF_FIRST =
      Map.of(
          "KeySuspended.v1", "SUSPENDED",
          "KeyRevoked.v1", "REVOKED",
          "KeyRotated.v1.minimal", "ROTATED_OUT");

  /**
   * The codes that golden events lead to for their own secret, except VALID, from the client's
   * address.
   */
  private static final Map<String, String> CODE_OF_OWN =
      Map.of("KeyImported.v1", "IP_NOT_ALLOWED", "KeyImported.v1.revoked", "REVOKED");

  private static final Pattern DIGEST =
      Pattern.compile("\"digest\":\"[0-9a-f]{64}\",\"pepperVersion\":(\\d+)");
  private static final Pattern NAME = Pattern.compile("(\\w+)\\.v(\\d+)(\\.\\w+)?");
  private static final Duration SHOWN_MAX = Duration.ofSeconds(60);

  private final Peppers peppers = Peppers.parse(PEPPERS);
  private final Map<String, String> codeBySecret = new LinkedHashMap<>();
  private final Map<String, List<String>> typesByStream = new LinkedHashMap<>();

  @Test
  void everyProjectionReadsThemBack(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      var environment = new LinkedHashMap<>(database.environment());
      environment.put("KEYLEDGER_PEPPERS", PEPPERS);
      try (var keyledger = KeyledgerProcess.start(Application.STANDALONE, environment);
          Connection connection = database.connect()) {
        for (Path file : golden()) {
          append(connection, file);
        }
        int events = typesByStream.values().stream().mapToInt(List::size).sum();
        await()
            .atMost(SHOWN_MAX)
            .untilAsserted(() -> {
              assertInTheIndex(keyledger, events);
              assertInTheLists(keyledger);
              assertAllApplied(connection, events);
            });
        assertThat(keyledger.client().get("/actuator/health/readiness").status()).isEqualTo(200);
      }
    }
  }

  /** A new stream, with a valid first event. */
  private void append(Connection connection, Path file) throws Exception {
    String golden = file.getFileName().toString().replace(".json", "");
    boolean ofWorkspace = golden.matches("(Workspace|Policy|Webhook|Context).*");
    int number = typesByStream.size() + 1;
    String stream = ofWorkspace ? "golden-" + number : KeyId.of(0, 0, number).value();
    for (String before : before(golden, ofWorkspace)) {
      append(connection, stream, ofWorkspace, before, file.resolveSibling(before + ".json"));
    }
    append(connection, stream, ofWorkspace, golden, file);
    if (CODE_OF_FIRST.containsKey(golden)) {
      codeBySecret.put(secretOf("KeyIssued.v1", stream), CODE_OF_FIRST.get(golden));
    }
  }

  private static List<String> before(String golden, boolean ofWorkspace) {
    if (golden.matches("(KeyIssued|KeyImported|WorkspaceOpened)\\..*")) {
      return List.of();
    }
    if (golden.equals("KeyRotated.v1.minimal")) { // its generation is the third
      return List.of("KeyIssued.v1", "KeyRotated.v1");
    }
    if (golden.equals("PlanCancelled.v1")) {
      return List.of("KeyIssued.v1", "RevocationPlanned.v1");
    }
    if (golden.matches("(OverlapStarted|RotationCompleted)\\..*")) {
      return List.of("KeyIssued.v1", "KeyRotated.v1.waiting");
    }
    if (golden.matches("Webhook.*") && !golden.startsWith("WebhookCreated")) {
      return List.of("WorkspaceOpened.v1.minimal", "WebhookCreated.v1");
    }
    return List.of(ofWorkspace ? "WorkspaceOpened.v1.minimal" : "KeyIssued.v1");
  }

  private static String secretOf(String golden, String stream) {
    return "secret-of-%s-in-%s".formatted(golden, stream);
  }

  /**
   * Appends events. Two keys cannot have one digest: each event gets that of a secret named after
   * it.
   */
  private void append(
      Connection connection, String stream, boolean ofWorkspace, String golden, Path file)
      throws Exception {
    String secret = secretOf(golden, stream);
    String lasting = END.matcher(Files.readString(file)).replaceAll("${end}21");
    String payload =
        DIGEST
            .matcher(lasting)
            .replaceAll(digest -> {
              codeBySecret.put(secret, CODE_OF_OWN.getOrDefault(golden, "VALID"));
              return digest.group().replaceFirst("[0-9a-f]{64}", digestOf(secret, digest.group(1)));
            });
    List<String> types = typesByStream.computeIfAbsent(stream, _ -> new ArrayList<>());
    Matcher name = NAME.matcher(golden);
    assertThat(name.matches()).as(golden).isTrue();
    try (PreparedStatement append = connection.prepareStatement(APPEND)) {
      append.setString(1, ofWorkspace ? "workspace" : "key");
      append.setString(2, stream);
      append.setInt(3, types.size());
      append.setString(4, ofWorkspace ? stream : "default");
      append.setString(5, name.group(1));
      append.setInt(6, Integer.parseInt(name.group(2)));
      append.setBytes(7, payload.getBytes(UTF_8));
      append.executeUpdate();
    }
    types.add(name.group(1));
  }

  private String digestOf(String secret, String pepperVersion) {
    try {
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
      return peppers.issued(Integer.parseInt(pepperVersion), sha256).toString();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void assertInTheIndex(KeyledgerProcess keyledger, int events) {
    assertThat(codeBySecret).hasSizeGreaterThan(typesByStream.size() / 2);
    codeBySecret.forEach((secret, code) -> {
      if (secret.contains("KeyRotated.v1.waiting")) {
        return; // its first use would begin the overlap, and add an event
      }
      JsonNode verdict =
          keyledger
              .issuer()
              .verifiedWith(
                  "\"key\": \"%s\", \"environment\": \"any\", \"ip\": \"203.0.113.7\""
                      .formatted(secret));
      assertThat(verdict.path("code").asString()).as(secret).isEqualTo(code);
      assertThat(verdict.path("position").asInt()).isEqualTo(events);
    });
  }

  private void assertInTheLists(KeyledgerProcess keyledger) {
    Client root = keyledger.root();
    List<String> keys =
        typesByStream.keySet().stream().filter(id -> id.startsWith("key_")).toList();
    assertThat(Pages.ids(root, "/v1/keys?limit=200", "keyId"))
        .containsExactlyInAnyOrderElementsOf(keys);
    for (String key : keys) {
      List<String> types = typesByStream.get(key);
      assertThat(Pages.ids(root, "/v1/audit?order=asc&keyId=" + key, "type")).isEqualTo(types);
      assertThat(Pages.ids(root, "/v1/keys/" + key + "/history", "type")).isEqualTo(types);
    }
  }

  /**
   * Checks that all events are applied. The lists show nothing of workspaces, but must have passed
   * their events.
   */
  private static void assertAllApplied(Connection connection, int events) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT min(position) FROM read.projection")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(events);
    }
  }

  private static List<Path> golden() throws IOException {
    Path directory =
        Path.of(System.getProperty("keyledger.readme"))
            .resolveSibling("shared-events/src/main/resources/dev/keyledger/events/golden");
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> golden = files.sorted().toList();
      assertThat(golden).hasSizeGreaterThanOrEqualTo(EventType.all().size());
      return golden;
    }
  }
}
