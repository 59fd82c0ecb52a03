package dev.keyledger.standalone.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the README prints is what happens. */
@Timeout(180)
class ReadmeIT {
  private static final Path README =
      Path.of(Objects.requireNonNull(System.getProperty("keyledger.readme"))).normalize();

  /** The address that is printed, in whose place the tested one stands. */
  private static final String PRINTED_ADDRESS = "http://127.0.0.1:8080";

  private static final Pattern REQUEST =
      Pattern.compile(
          "^```sh\\n(.*?)^```\\n(?:\\n```(?:json|http)\\n(.*?)^```\\n)?",
          Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern SHARED_KEY =
      Pattern.compile("KEYLEDGER_SHARED_KEY=(\\S+) KEYLEDGER_SHARED_KEY_PERMISSIONS=(\\S+) mvn");
  private static final Pattern NAME_OF_A_TEST = Pattern.compile("`(\\w+(?:Test|IT))`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(?:#[^)]*)?\\)");
  private static final int REQUESTS_MIN = 10;
  private static final String MARK = "=-=-= next =-=-=";

  @Test
  void everyRequestIsAnsweredAsPrinted() throws Exception {
    String readme = Files.readString(README);
    List<MatchResult> requests = REQUEST.matcher(readme).results().toList();
    assertThat(requests.stream().filter(request -> request.group(2) != null))
        .hasSizeGreaterThanOrEqualTo(REQUESTS_MIN);
    MatchResult sharedKey = SHARED_KEY.matcher(readme).results().findFirst().orElseThrow();

    List<String> answers;
    try (var keyledger =
        KeyledgerProcess.start(
            Application.STANDALONE,
            Map.of(
                "KEYLEDGER_SHARED_KEY", sharedKey.group(1),
                "KEYLEDGER_SHARED_KEY_PERMISSIONS", sharedKey.group(2)))) {
      answers = answersOf(requests, keyledger);
    }

    var each = new SoftAssertions();
    for (int i = 0; i < requests.size(); i++) {
      String printed = requests.get(i).group(2);
      if (printed != null) {
        each.assertThat(PrintedAnswer.constantPartOf(answers.get(i)))
            .as(requests.get(i).group(1))
            .isEqualTo(PrintedAnswer.constantPartOf(printed));
      }
    }
    each.assertAll();
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.walk(README.resolveSibling(""))) {
      names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .map(name -> name.replace(".java", ""))
              .toList();
    }
    assertThat(named(NAME_OF_A_TEST)).isNotEmpty().isSubsetOf(names);
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    assertThat(named(LINK).stream().filter(link -> !link.startsWith("http")))
        .isNotEmpty()
        .allSatisfy(link -> assertThat(README.resolveSibling(link)).exists());
  }

  /** Runs the requests by one shell, so that its variables last, where the data directory is. */
  private static List<String> answersOf(List<MatchResult> requests, KeyledgerProcess keyledger)
      throws IOException, InterruptedException {
    var script = new StringBuilder("set -eu\n");
    for (MatchResult request : requests) {
      script
          .append(request.group(1).replace(PRINTED_ADDRESS, keyledger.uri().toString()))
          .append("\necho\necho '")
          .append(MARK)
          .append("'\n");
    }
    Path output = keyledger.outputFile().resolveSibling("readme.txt");
    Process shell =
        new ProcessBuilder("bash", "-c", script.toString())
            .directory(keyledger.dataDirectory().resolveSibling("").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(shell.exitValue()).as(said).isZero();
    List<String> answers = new ArrayList<>(List.of(said.split(Pattern.quote(MARK), -1)));
    answers.replaceAll(String::strip);
    return answers;
  }

  private static List<String> named(Pattern pattern) throws IOException {
    return pattern
        .matcher(Files.readString(README))
        .results()
        .map(match -> match.group(1))
        .distinct()
        .toList();
  }
}
