package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The TypeScript client is built as for its release, passes its own tests, has the types of the
 * OpenAPI document, and works against a node, also as middleware and as its page says.
 */
@Tag("tools")
@Timeout(300)
@ExtendWith(SharedStandalone.class)
class TypeScriptClientIT {
  @Test
  void itPassesItsOwnTests() throws Exception {
    run("npm", "test");
    run("npm", "run", "test:types");
  }

  @Test
  void itsTypesAreThoseOfTheDocument(KeyledgerProcess keyledger) throws Exception {
    String document = keyledger.client().get("/v3/api-docs").text();
    Files.writeString(TypeScriptClient.directory().resolve("document.json"), document);
    assertThat(run("node", "scripts/types.mjs", "document.json"))
        .isEqualTo(Files.readString(TypeScriptClient.directory().resolve("src/types.ts")));
    assertThat(json("package.json").path("version"))
        .isEqualTo(JsonMapper.shared().readTree(document).at("/info/version"));
  }

  @Test
  void itsLockFileNamesNoAddresses() throws Exception {
    JsonNode packages = json("package-lock.json").path("packages");
    assertThat(packages.propertyNames()).hasSizeGreaterThan(50);
    assertThat(packages.valueStream().filter(each -> each.has("resolved"))).isEmpty();
    assertThat(json("package.json").has("dependencies")).isFalse();
  }

  @Test
  void itWorks(KeyledgerProcess keyledger) throws Exception {
    TypeScriptClient.run(
        TypeScriptClient.directory(),
        Map.of("KEYLEDGER_URL", keyledger.uri().toString(), "KEYLEDGER_KEY", keyledger.rootKey()),
        "npm",
        "run",
        "test:node");
  }

  private static JsonNode json(String file) throws IOException {
    return JsonMapper.shared()
        .readTree(Files.readString(TypeScriptClient.directory().resolve(file)));
  }

  private static String run(String... command) throws Exception {
    return TypeScriptClient.run(TypeScriptClient.directory(), Map.of(), command);
  }
}
