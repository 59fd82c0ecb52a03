package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lines of the log are plain, or by a switch JSON, and name the request that they are about. */
@Timeout(180)
class LogsIT {
  @Test
  void linesArePlainOrJsonAndNameTheirRequest(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      assertPlain(database, Map.of());
      assertEcs(database, Map.of("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs"));
    }
  }

  private static void assertPlain(OwnDatabase database, Map<String, String> more) {
    try (var query = talkative(database, more)) {
      String requestId = requestId(query);
      query.terminate();
      assertThat(query.output().lines()).anyMatch(line -> line.contains("[" + requestId + "]"));
    }
  }

  private static void assertEcs(OwnDatabase database, Map<String, String> more) {
    try (var query = talkative(database, more)) {
      String requestId = requestId(query);
      query.terminate();
      List<JsonNode> lines = query.output().lines().map(JsonMapper.shared()::readTree).toList();
      assertThat(lines).isNotEmpty().allMatch(line -> line.at("/ecs/version").isString());
      assertThat(lines).allMatch(line -> line.path("message").isString());
      assertThat(lines)
          .anyMatch(line ->
              line.path("requestId").asString("").equals(requestId)
                  && line.at("/service/name").asString("").equals("keyledger-query"));
    }
  }

  /** In everyday use hardly any request is worth a line. */
  private static KeyledgerProcess talkative(OwnDatabase database, Map<String, String> more) {
    var environment = new LinkedHashMap<>(database.environment());
    environment.put("LOGGING_LEVEL_ORG_SPRINGFRAMEWORK_WEB_SERVLET", "DEBUG");
    environment.putAll(more);
    return KeyledgerProcess.start(Application.QUERY_SIDE, environment);
  }

  private static String requestId(KeyledgerProcess query) {
    Answer answer = query.root().get("/v1/keys");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.header("Keyledger-Request-Id");
  }
}
