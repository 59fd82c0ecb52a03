package dev.keyledger.standalone.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A test that a document refers to exists. */
class NamedTestsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT))`");
  private static final Pattern ROW = Pattern.compile("\\|.*\\|([^|]*)\\|");

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Set<String> tests = tests();
    assertThat(documents()).hasSizeGreaterThan(10);
    for (Path document : documents()) {
      assertThat(named(Files.readString(document)).filter(name -> !tests.contains(name)))
          .as(ROOT.relativize(document).toString())
          .isEmpty();
    }
  }

  @Test
  void eachThreatNamesATestOrSaysThatThereIsNone() throws IOException {
    List<String> rows =
        Files.readAllLines(ROOT.resolve("docs/threat-model.md")).stream()
            .filter(line -> line.startsWith("| "))
            .filter(line -> !line.startsWith("| tried |"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(30);
    assertThat(rows)
        .allSatisfy(row -> {
          var cells = ROW.matcher(row);
          assertThat(cells.matches()).isTrue();
          String last = cells.group(1);
          assertThat(named(last).findAny().isPresent() || last.strip().equals("none yet"))
              .as(row)
              .isTrue();
        });
  }

  private static Stream<String> named(String text) {
    return NAMED.matcher(text).results().map(found -> found.group(1));
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> tops = Files.list(ROOT);
        Stream<Path> examples = Files.list(ROOT.resolve("examples"))) {
      return Stream.of(docs, tops, examples)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    }
  }

  private static Set<String> tests() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT);
        Stream<Path> clients = Files.list(ROOT.resolve("clients"))) {
      return Stream.concat(modules, clients)
          .map(module -> module.resolve("src/test/java"))
          .filter(Files::isDirectory)
          .flatMap(NamedTestsTest::sources)
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .collect(Collectors.toSet());
    }
  }

  private static Stream<Path> sources(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
