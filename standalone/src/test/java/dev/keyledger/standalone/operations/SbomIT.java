package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The list of components in each released jar, in CycloneDX. Maven does not write it offline. */
class SbomIT {
  private static final String LIBRARIES = "BOOT-INF/lib/";

  @ParameterizedTest
  @ValueSource(strings = {"keyledger.jar", "keyledger-command.jar", "keyledger-query.jar"})
  void everyLibraryInTheJarIsListed(String name) throws IOException {
    try (var jar = new JarFile(System.getProperty(name))) {
      JsonNode bom;
      try (var content =
          jar.getInputStream(jar.getJarEntry("META-INF/sbom/application.cdx.json"))) {
        bom = JsonMapper.shared().readTree(content);
      }
      List<String> libraries =
          jar.stream()
              .map(entry -> entry.getName())
              .filter(entry -> entry.startsWith(LIBRARIES) && entry.endsWith(".jar"))
              .map(entry -> entry.substring(LIBRARIES.length()))
              .filter(
                  library -> !library.startsWith("spring-boot-jarmode")) // put there by repackaging
              .toList();
      List<String> listed =
          bom.path("components")
              .valueStream()
              .map(one -> one.path("name").asString() + "-" + one.path("version").asString())
              .toList();

      assertThat(bom.path("bomFormat").asString()).isEqualTo("CycloneDX");
      assertThat(libraries).hasSizeGreaterThan(50);
      assertThat(libraries).noneMatch(library -> library.startsWith("xstream"));
      assertThat(libraries).allMatch(library -> listed.stream().anyMatch(library::startsWith));
      assertThat(listed).noneMatch(component -> component.startsWith("junit"));
    }
  }
}
