package dev.keyledger.standalone.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files to read for one command and for one check, compared with docs/architecture.md. */
class PathsTest {
  private static final Path DOCS = Path.of("../docs").toAbsolutePath().normalize();
  private static final int FILES_MAX = 10;
  private static final Pattern SECTION = Pattern.compile("(?m)^##+ ");
  private static final Pattern STEP =
      Pattern.compile(
          "(?m)^\\d+\\. \\[(\\w+)]\\(([^)]+\\.java)\\): `(\\w+)`((?:.*\\n)(?: +.*\\n)*)");
  private static final Pattern NO_CODE = Pattern.compile("(?ms)^import .*?;|/\\*.*?\\*/|//.*?$");
  private static final Pattern CALLED_BY_AXON =
      Pattern.compile("@CommandHandler|implements MessageHandlerInterceptor");
  private static final Pattern IMPLEMENTED = Pattern.compile("implements ([\\w, ]+)");

  private record Step(String type, Path file, String member, String text) {
    /** Returns its code, without imports and comments. */
    String source() {
      try {
        return NO_CODE.matcher(Files.readString(file)).replaceAll("");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Returns the names by which other files know the type: its own and its interfaces'. */
    List<String> names() {
      var names = new ArrayList<>(List.of(type));
      IMPLEMENTED
          .matcher(source())
          .results()
          .forEach(found -> names.addAll(Arrays.asList(found.group(1).strip().split(", "))));
      return names;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Files to read: revoking a key", "Files to read: checking a key"})
  void eachFileIsReachedFromAnEarlierOne(String title) throws IOException {
    List<Step> steps = steps(title);
    assertThat(steps).hasSizeBetween(5, FILES_MAX);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      assertThat(step.file()).exists().hasFileName(step.type() + ".java");
      assertThat(step.source()).containsPattern("[ >]" + step.member() + "\\(");
      if (step.text().contains("Axon calls it")) {
        assertThat(step.source()).containsPattern(CALLED_BY_AXON);
      } else if (i > 0) {
        assertThat(steps.subList(0, i))
            .as("calls %s of %s", step.member(), step.type())
            .anyMatch(earlier -> isCalled(step, earlier.source()));
      }
    }
  }

  private static boolean isCalled(Step step, String source) {
    return Pattern.compile("(\\.|::)" + step.member() + "\\b").matcher(source).find()
        && step.names().stream()
            .anyMatch(name -> Pattern.compile("\\b" + name + "\\b").matcher(source).find());
  }

  private static List<Step> steps(String title) throws IOException {
    String section =
        SECTION
            .splitAsStream(Files.readString(DOCS.resolve("architecture.md")))
            .filter(text -> text.startsWith(title))
            .findFirst()
            .orElseThrow();
    return STEP.matcher(section)
        .results()
        .map(found ->
            new Step(
                found.group(1),
                DOCS.resolve(found.group(2)).normalize(),
                found.group(3),
                found.group(4).replaceAll("\\s+", " ")))
        .toList();
  }
}
