package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.operations.Documented;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The form of the Dockerfile. Only Docker can tell whether it works. */
class ImageTest {
  /** The directory of the programs in the image and in the package. */
  static final String PROGRAMS = "/usr/lib/keyledger/bin/";

  private static final Path ROOT = DeployFiles.directory().resolve("..");
  private static final Pattern INSTRUCTION = Pattern.compile("(?m)^([A-Z]+) (.*(?:\\\\\n.*)*)$");
  private static final Pattern VARIABLE = Pattern.compile("KEYLEDGER_\\w+");

  private record Instruction(String name, String arguments) {}

  private final List<Instruction> dockerfile =
      INSTRUCTION
          .matcher(DeployFiles.text("Dockerfile"))
          .results()
          .map((MatchResult found) -> new Instruction(found.group(1), found.group(2)))
          .toList();

  /** Returns the version of this build, which is set in the parent POM only. */
  static String version() {
    var revision =
        Pattern.compile("<revision>([^<]+)</revision>").matcher(DeployFiles.text("../pom.xml"));
    assertThat(revision.find()).isTrue();
    return revision.group(1);
  }

  @Test
  void theImageRunsAsNobodyInParticular() {
    List<Instruction> image = image();
    assertThat(last(image, "USER")).isEqualTo("10001:10001");
    assertThat(last(image, "ENTRYPOINT")).isEqualTo("[\"" + PROGRAMS + "keyledger\"]");
    assertThat(last(image, "HEALTHCHECK")).endsWith("CMD [\"" + PROGRAMS + "health\"]");
    assertThat(last(image, "EXPOSE")).isEqualTo("8080 8081 8090");
  }

  @Test
  void nothingIsOfAnUnnamedVersionAndNothingIsInstalled() {
    assertThat(all("FROM"))
        .hasSize(2)
        .allSatisfy(from -> assertThat(from).containsPattern("^[a-z-]+:[0-9]+-[a-z]+( AS \\w+)?$"));
    assertThat(dockerfile)
        .noneMatch(instruction -> instruction.arguments.matches("(?s).*(apt|curl|wget|latest).*"));
  }

  @Test
  void copiedFilesExistAndAreNotIgnored() throws IOException {
    List<String> ignored =
        Files.readAllLines(DeployFiles.directory().resolve("Dockerfile.dockerignore"));
    assertThat(ignored.getFirst()).isEqualTo("*");
    List<String> sources =
        all("COPY").stream()
            .filter(copy -> !copy.startsWith("--from="))
            .flatMap(copy -> List.of(copy.split(" ", -1)).reversed().stream().skip(1))
            .toList();
    assertThat(sources).contains("standalone/target/keyledger.jar");
    for (String source : sources) {
      assertThat(ignored).contains("!" + source);
      assertThat(source.endsWith(".jar") || Files.exists(ROOT.resolve(source))).isTrue();
    }
    // Everything else is kept from the builder: the secrets of compose.yaml, and data.
    assertThat(ignored).hasSize(sources.size() + 1);
  }

  @Test
  void theVariablesAreSettings() throws IOException {
    List<String> variables =
        VARIABLE.matcher(last(image(), "ENV")).results().map(MatchResult::group).toList();
    assertThat(variables).contains("KEYLEDGER_DATA_DIR", "KEYLEDGER_BIND");
    assertThat(Documented.settings()).containsAll(variables);
  }

  @Test
  void theProgramsAreThoseThatArePutTogether() {
    String assemble = DeployFiles.text("package/assemble");
    for (String program : List.of("keyledger", "keyledger-command", "keyledger-query", "health")) {
      assertThat(assemble).containsPattern("/" + program + "\\b");
    }
  }

  /** Returns the instructions of the last stage. */
  private List<Instruction> image() {
    int from =
        dockerfile.lastIndexOf(
            dockerfile.stream().filter(one -> one.name.equals("FROM")).toList().getLast());
    return dockerfile.subList(from, dockerfile.size());
  }

  private List<String> all(String name) {
    return dockerfile.stream()
        .filter(one -> one.name.equals(name))
        .map(Instruction::arguments)
        .toList();
  }

  private static String last(List<Instruction> stage, String name) {
    return stage.stream()
        .filter(one -> one.name.equals(name))
        .map(Instruction::arguments)
        .toList()
        .getLast();
  }
}
