package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The documents describe exactly the settings that the code reads. */
class DocumentedSettingsTest {
  /** The variable that sets Spring Boot's own {@code server.address}, in application.properties. */
  private static final String BIND = "KEYLEDGER_BIND";

  @Test
  void everySettingIsInATableAndEveryVariableIsASetting() throws IOException {
    assertThat(Documented.settings()).isEqualTo(settings()).hasSizeGreaterThan(20);
  }

  /** Checks that a side alone accepts variables that only the other side reads. */
  @Test
  void variablesOfOneSideAreKnownToTheOtherByTheMetadata() throws IOException {
    ClassLoader loader = DocumentedSettingsTest.class.getClassLoader();
    URL additional =
        Objects.requireNonNull(
            loader.getResource("META-INF/additional-spring-configuration-metadata.json"));
    Set<String> known = settings(List.of(additional));
    Set<String> ofOneSide =
        settings(
            metadata(loader).stream()
                .filter(one -> one.getPath().matches(".*/(command-side|query-side|delivery)/.*"))
                .toList());
    ofOneSide.add(BIND);

    assertThat(known).isEqualTo(ofOneSide);
  }

  /** Returns the variables of the settings in the metadata of all modules of the service. */
  private static Set<String> settings() throws IOException {
    return settings(metadata(DocumentedSettingsTest.class.getClassLoader()));
  }

  /** Returns the metadata, without the starter's, which is for other applications. */
  private static List<URL> metadata(ClassLoader loader) throws IOException {
    return Collections.list(loader.getResources("META-INF/spring-configuration-metadata.json"))
        .stream()
        .filter(one -> !one.getPath().contains("spring-boot-starter"))
        .toList();
  }

  private static Set<String> settings(List<URL> files) throws IOException {
    var variables = new TreeSet<String>();
    for (URL metadata : files) {
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
