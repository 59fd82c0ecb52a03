package dev.keyledger.spring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The examples of docs/clients/spring-boot.md compile, and its tables have every setting. */
class PageTest {
  private static final Path PAGE = Path.of("../../docs/clients/spring-boot.md");
  private static final Pattern SETTING = Pattern.compile("(?m)^\\| `(keyledger\\.[a-z.-]+)` \\|");
  private static final Pattern CLASS = Pattern.compile("(?m)^class (\\w+)");
  private static final String IMPORTS =
      """
      import static org.assertj.core.api.Assertions.assertThat;
      import static org.springframework.security.config.Customizer.withDefaults;

      import dev.keyledger.spring.*;
      import dev.keyledger.spring.test.*;
      import org.junit.jupiter.api.Test;
      import org.springframework.beans.factory.annotation.Autowired;
      import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
      import org.springframework.context.annotation.*;
      import org.springframework.security.access.prepost.PreAuthorize;
      import org.springframework.security.config.annotation.web.builders.HttpSecurity;
      import org.springframework.security.config.web.server.ServerHttpSecurity;
      import org.springframework.security.core.annotation.AuthenticationPrincipal;
      import org.springframework.security.web.SecurityFilterChain;
      import org.springframework.security.web.server.SecurityWebFilterChain;
      import org.springframework.test.web.servlet.assertj.MockMvcTester;
      import org.springframework.web.bind.annotation.*;

      """;

  @TempDir private Path classes;

  @Test
  void theExamplesCompile() throws IOException {
    List<JavaFileObject> sources = blocks("java").stream().map(PageTest::source).toList();
    assertThat(sources).hasSize(4);
    var messages = new StringWriter();
    boolean compile =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                messages,
                null,
                null,
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path")),
                null,
                sources)
            .call();
    assertThat(compile).as(messages.toString()).isTrue();
  }

  @Test
  void threeLinesGuard() throws IOException {
    assertThat(blocks("properties"))
        .singleElement()
        .satisfies(lines ->
            assertThat(lines.lines().map(line -> line.split("=", 2)[0]))
                .containsExactly("keyledger.url", "keyledger.key", "keyledger.workspace"));
  }

  @Test
  void everySettingIsInTheTableAndDescribedForEditors() throws IOException {
    var documented = new TreeSet<String>();
    Matcher matcher = SETTING.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      documented.add(requireNonNull(matcher.group(1)));
    }
    assertThat(documented).isEqualTo(described()).hasSize(10);
  }

  private static Set<String> described() throws IOException {
    var settings = new TreeSet<String>();
    try (InputStream metadata =
        PageTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      for (JsonNode property : JsonMapper.shared().readTree(metadata).path("properties")) {
        assertThat(property.path("description").asString()).isNotEmpty();
        settings.add(property.path("name").asString());
      }
    }
    return settings;
  }

  private static List<String> blocks(String language) throws IOException {
    Matcher matcher =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE));
    var blocks = new ArrayList<String>();
    while (matcher.find()) {
      blocks.add(requireNonNull(matcher.group(1)));
    }
    return blocks;
  }

  private static JavaFileObject source(String example) {
    Matcher name = CLASS.matcher(example);
    assertThat(name.find()).isTrue();
    return new SimpleJavaFileObject(
        URI.create("string:///" + name.group(1) + ".java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return IMPORTS + example;
      }
    };
  }
}
