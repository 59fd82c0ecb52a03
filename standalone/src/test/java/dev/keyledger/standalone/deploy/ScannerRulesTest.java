package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Environment;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.verification.secret.KeyFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The rules in deploy/scanners: they find Keyledger's secrets. */
class ScannerRulesTest {
  private static final Path SCANNERS = DeployFiles.directory().resolve("scanners");
  private static final Pattern GITLEAKS_REGEX = Pattern.compile("regex = '''(.*)'''");
  private static final Pattern GITLEAKS_KEYWORDS = Pattern.compile("keywords = \\[(.*)]");

  /**
   * A rule.
   *
   * @param keywords the words near which a scanner tries the pattern
   */
  private record Rule(Pattern pattern, List<String> keywords) {
    /** Returns the matches of the rule in a text; the scanners report the first group. */
    List<String> found(String text) {
      return keywords.stream().anyMatch(text::contains)
          ? pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).toList()
          : List.of();
    }
  }

  @Test
  void theFilesAreThoseOfTheBrandThatIsTheDefault(@TempDir Path directory) throws Exception {
    assertThat(generate(KeyFormat.DEFAULT_BRAND, directory)).isZero();

    for (String file : List.of("gitleaks.toml", "trufflehog.yaml")) {
      assertThat(Files.readString(directory.resolve(file)))
          .as("run deploy/scanners/generate")
          .isEqualTo(Files.readString(SCANNERS.resolve(file)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kl", "acme2", "k"})
  void everySecretIsFoundByBothScannersAndNothingElse(String brand, @TempDir Path directory)
      throws Exception {
    assertThat(generate(brand, directory)).isZero();
    var format = new KeyFormat(brand);
    for (List<Rule> rules : List.of(gitleaks(directory), truffleHog(directory))) {
      assertThat(rules).hasSize(2);
      for (Environment environment : Environment.values()) {
        String secret = format.mint(environment, new SecureRandom()).revealToItsCaller();
        for (String text :
            List.of(secret, "api_key=" + secret, "\"" + secret + "\"", "KEY_" + secret + "\n")) {
          assertThat(found(rules, text)).as(text).containsExactly(secret);
        }
        for (String text :
            List.of(
                secret.substring(1),
                secret.substring(0, secret.length() - 1),
                secret + "0",
                "s" + secret,
                secret.replace("_" + environment, "_none"))) {
          assertThat(found(rules, text)).as(text).isEmpty();
        }
      }
    }
  }

  @Test
  void theRootKeyThatIsMadeIsFound(@TempDir Path directory) throws Exception {
    try (DataDirectory data = DataDirectory.open(directory.resolve("data"))) {
      String rootKey = new GeneratedSecrets(data).rootKey().revealSecret();
      for (List<Rule> rules : List.of(gitleaks(SCANNERS), truffleHog(SCANNERS))) {
        assertThat(found(rules, "ROOT_KEY='" + rootKey + "'")).containsExactly(rootKey);
        assertThat(found(rules, rootKey + "x")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Kl", "1kl", "k-l", "k\nl", "$(id)", "abcdefghijklmnopq"})
  void anInvalidBrandIsRefused(String brand, @TempDir Path directory) throws Exception {
    assertThat(generate(brand, directory)).isEqualTo(1);
    assertThat(directory).isEmptyDirectory();
  }

  private static List<String> found(List<Rule> rules, String text) {
    return rules.stream().flatMap(rule -> rule.found(text).stream()).toList();
  }

  private static int generate(String brand, Path directory)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(SCANNERS.resolve("generate").toString(), brand, directory.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(output.lines().count()).as(output).isLessThanOrEqualTo(1);
    return process.waitFor();
  }

  private static List<Rule> gitleaks(Path directory) throws IOException {
    String toml = Files.readString(directory.resolve("gitleaks.toml"));
    List<String> patterns = groups(GITLEAKS_REGEX, toml);
    List<String> keywords = groups(GITLEAKS_KEYWORDS, toml);
    var rules = new ArrayList<Rule>();
    for (int i = 0; i < patterns.size(); i++) {
      List<String> words =
          Stream.of(keywords.get(i).split(", ", -1))
              .map(word -> word.substring(1, word.length() - 1))
              .toList();
      rules.add(new Rule(Pattern.compile(patterns.get(i)), words));
    }
    return rules;
  }

  private static List<String> groups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).toList();
  }

  private static List<Rule> truffleHog(Path directory) throws IOException {
    JsonNode document =
        JsonMapper.shared()
            .valueToTree(
                new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Files.readString(directory.resolve("trufflehog.yaml"))));
    return document
        .path("detectors")
        .valueStream()
        .map(detector ->
            new Rule(
                Pattern.compile(detector.at("/regex/key").asString()),
                detector.path("keywords").valueStream().map(JsonNode::asString).toList()))
        .toList();
  }
}
