package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The lengths of the examples: each one with Keyledger is shorter than its twin by hand, by the
 * number that its page states.
 */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("../examples");
  private static final Pattern COMMENT = Pattern.compile("(?ms)^\\s*/\\*.*?\\*/|^\\s*//.*?$");
  private static final Pattern STARTED =
      Pattern.compile("`node examples/express/start\\.js (\\S+)`|`example \\S+ (com\\S+)`");

  @ParameterizedTest
  @CsvSource({
    "shared-key, sharedkey/SharedKey",
    "owned-keys, ownedkeys/OwnedKeys",
    "expiring-keys, expiringkeys/ExpiringKeys",
    "limited-keys, limitedkeys/LimitedKeys"
  })
  void anExampleIsShorterThanItsTwin(String script, String type) throws IOException {
    int express = lines("express/keyledger/" + script + ".js");
    int expressByHand = lines("express/by-hand/" + script + ".js");
    int spring = lines("spring/keyledger/src/main/java/com/example/keyledger/" + type + ".java");
    int springByHand = lines("spring/by-hand/src/main/java/com/example/byhand/" + type + ".java");
    assertThat(express).isPositive().isLessThan(expressByHand);
    assertThat(spring).isPositive().isLessThan(springByHand);
    assertThat(page())
        .contains("| %d | %d | %d | %d |".formatted(express, expressByHand, spring, springByHand));
  }

  @Test
  void blankLinesAndCommentsDoNotCount() {
    assertThat(lines(Stream.of("a", "", "  // b", "/**", " * c", " */", "d(); // e", "/* f */")))
        .isEqualTo(2);
  }

  @Test
  void thePageStartsEachExample() throws IOException {
    List<String> started =
        STARTED.matcher(page()).results().map(ExamplesTest::file).distinct().sorted().toList();
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      assertThat(started)
          .hasSize(16)
          .isEqualTo(
              files
                  .map(file -> EXAMPLES.relativize(file).toString())
                  .filter(file -> !file.contains("node_modules") && !file.contains("target/"))
                  .filter(file -> file.matches(".*/.*/.*\\.(js|java)"))
                  .sorted()
                  .toList());
    }
  }

  @Test
  void theLockFileNamesNoAddresses() throws IOException {
    JsonNode packages =
        JsonMapper.shared()
            .readTree(Files.readString(EXAMPLES.resolve("express/package-lock.json")))
            .path("packages");
    assertThat(packages.propertyNames()).hasSizeGreaterThan(50);
    assertThat(packages.valueStream().filter(each -> each.has("resolved")))
        .singleElement()
        .matches(client -> client.path("link").asBoolean());
  }

  private static String file(MatchResult started) {
    if (started.group(1) != null) {
      return "express/" + started.group(1) + ".js";
    }
    String type = started.group(2);
    String module = type.startsWith("com.example.keyledger.") ? "keyledger" : "by-hand";
    return "spring/" + module + "/src/main/java/" + type.replace('.', '/') + ".java";
  }

  private static String page() throws IOException {
    return Files.readString(EXAMPLES.resolve("README.md"));
  }

  private static int lines(String file) throws IOException {
    try (Stream<String> lines = Files.lines(EXAMPLES.resolve(file))) {
      return lines(lines);
    }
  }

  private static int lines(Stream<String> text) {
    String code = COMMENT.matcher(String.join("\n", text.toList())).replaceAll("");
    return (int) code.lines().filter(line -> !line.isBlank()).count();
  }
}
