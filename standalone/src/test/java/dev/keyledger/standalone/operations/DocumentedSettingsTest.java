package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The documents describe exactly the settings that the code reads. */
class DocumentedSettingsTest {
  private static final Path DOCS = Path.of("../docs");
  private static final Pattern VARIABLE = Pattern.compile("`(KEYLEDGER_[A-Z_]+)`");

  /** Sets Spring Boot's own {@code server.address}, in application.properties. */
  private static final String BIND = "KEYLEDGER_BIND";

  @Test
  void everySettingIsInATableAndEveryVariableIsASetting() throws IOException {
    Set<String> settings = settings();
    settings.add(BIND);

    assertThat(documented()).isEqualTo(settings).hasSizeGreaterThan(20);
  }

  /** The variables in the tables of settings. */
  private static Set<String> documented() throws IOException {
    var variables = new TreeSet<String>();
    for (String document : new String[] {"configuration.md", "operations.md"}) {
      for (String line : Files.readAllLines(DOCS.resolve(document))) {
        if (line.startsWith("| `KEYLEDGER_")) {
          String settings = line.split("\\|", -1)[1];
          VARIABLE.matcher(settings).results().forEach(found -> variables.add(found.group(1)));
        }
      }
    }
    return variables;
  }

  /** The variables of the settings in the metadata of all modules. */
  private static Set<String> settings() throws IOException {
    var variables = new TreeSet<String>();
    ClassLoader loader = DocumentedSettingsTest.class.getClassLoader();
    for (URL metadata :
        Collections.list(loader.getResources("META-INF/spring-configuration-metadata.json"))) {
      try (InputStream json = metadata.openStream()) {
        for (JsonNode property : JsonMapper.shared().readTree(json).path("properties")) {
          String name = property.path("name").asString();
          if (name.startsWith("keyledger.")) {
            assertThat(property.path("description").asString()).as(name).isNotEmpty();
            variables.add(name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
          }
        }
      }
    }
    return variables;
  }
}
