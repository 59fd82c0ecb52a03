package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document, its viewer and the pages of the problems, which are public. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class DocumentedIT {
  private static final Pattern REFERENCE = Pattern.compile("(?:src|href|url)[=:] ?[\"']([^\"']+)");

  private Client anybody;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    anybody = shared.client();
  }

  @Test
  void theDocumentIsServedAsJson() {
    Answer answer = anybody.get("/v3/api-docs");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.body().path("openapi").asString()).startsWith("3.1");
    assertThat(answer.body().path("paths").has("/v1/keys")).isTrue();
  }

  @Test
  void theDocumentIsServedAsYamlToo() {
    Answer answer = anybody.get("/v3/api-docs.yaml");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/yaml");
    Object yaml = new Yaml(new SafeConstructor(new LoaderOptions())).load(answer.text());
    assertThat(JsonMapper.shared().<JsonNode>valueToTree(yaml))
        .isEqualTo(anybody.get("/v3/api-docs").body());
    assertProblem(anybody.get("/v3/api-docs.yml"), 404, "not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/swagger-ui.html", "/swagger-ui", "/swagger-ui/"})
  void theReaderIsFoundByItsUsualNames(String path) {
    Answer answer = anybody.get(path);

    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.header("Location")).isEqualTo("/swagger-ui/index.html");
  }

  @Test
  void theReaderNeedsNothingFromElsewhere() {
    Answer page = anybody.get("/swagger-ui/index.html");
    Answer script = anybody.get("/swagger-ui/swagger-initializer.js");

    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'none'", "connect-src 'self'");
    assertThat(references(page))
        .hasSizeGreaterThan(3)
        .allSatisfy(file -> {
          Answer answer = anybody.get("/swagger-ui/" + file);
          assertThat(answer.status()).as(file).isEqualTo(200);
          assertThat(answer.text()).isNotEmpty();
        });
    assertThat(references(script)).containsExactly("/v3/api-docs");
    assertProblem(anybody.get("/swagger-ui/oauth2-redirect.html"), 404, "not-found");
  }

  @ParameterizedTest
  @EnumSource
  void everyProblemHasItsPage(ProblemCode code) {
    Answer page = anybody.get("/problems/" + code.code());

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Type")).isEqualToIgnoringCase("text/html;charset=utf-8");
    assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'none'");
    assertThat(page.text())
        .contains("<code>" + code.code() + "</code>", "What it means", "What to do", "/problems")
        .doesNotContain("<p></p>", "null", "`");
    assertThat(anybody.get("/problems").text()).contains("/problems/" + code.code());
  }

  @Test
  void pagesAnswerHeadAndOnlyForCodesThatExist() {
    Answer head = anybody.send("HEAD", "/problems/key-expired", BodyPublishers.noBody());

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.text()).isEmpty();
    assertProblem(anybody.get("/problems/key-lost"), 404, "not-found");
    assertProblem(anybody.post("/problems/key-expired"), 405, "method-not-allowed");
  }

  private static List<String> references(Answer answer) {
    return REFERENCE
        .matcher(answer.text())
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }
}
