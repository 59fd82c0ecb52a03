package dev.keyledger.console.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

class ConsoleControllerTest {
  private static final Path WEB = Path.of("src/main/web");
  private static final int SCRIPTS_BYTES_MAX = 120 * 1000;

  private final ConsoleController controller = new ConsoleController();

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "text/html,application/xhtml+xml,*/*;q=0.8"})
  void aBrowserIsLedToTheConsole(String accept) {
    ResponseEntity<Void> answer = controller.root(accept);

    assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.FOUND);
    assertThat(answer.getHeaders().getFirst(HttpHeaders.LOCATION)).isEqualTo("/console/");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"*/*", "application/json", "text/html;q=0", "text/*", "/"})
  void otherClientsAreNotRedirected(@Nullable String accept) {
    assertNotFound(() -> controller.root(accept));
  }

  @Test
  void eachPageAllowsItsImportMapAndNoOtherInlineScript() throws NoSuchAlgorithmException {
    for (ResponseEntity<byte[]> page :
        List.of(controller.console("/", null), controller.myKey("/", null))) {
      String html = new String(body(page), UTF_8);
      Matcher inline =
          Pattern.compile("(?s)<script(?![^>]*\\ssrc=)[^>]*>(.*?)</script>").matcher(html);
      assertThat(inline.find()).isTrue();
      byte[] map = inline.group(1).getBytes(UTF_8);
      String hash =
          Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(map));
      assertThat(inline.find()).isFalse();
      assertThat(page.getHeaders().getFirst("Content-Security-Policy"))
          .startsWith(
              "default-src 'none'; script-src 'self' 'sha256-" + hash + "'; style-src 'self';")
          .doesNotContain("unsafe")
          .endsWith("require-trusted-types-for 'script'; trusted-types lit-html");
      assertThat(html).doesNotContain("style=").doesNotContainPattern("<[^>]+\\son\\w+=");
    }
  }

  @Test
  void eachFileThatAPageOrAScriptNamesIsServed() throws IOException {
    Pattern absolute = Pattern.compile("\"(/(?:console|my-key)/[^\"]*[^/\"])\"");
    Pattern imported = Pattern.compile("(?:from |import |import\\()'(\\.[^']+|/console/[^']+)'");
    int named = 0;
    for (Path file : files()) {
      String text = Files.readString(file);
      for (Pattern pattern : List.of(absolute, imported)) {
        for (Matcher found = pattern.matcher(text); found.find(); named++) {
          String target =
              Path.of("/" + WEB.relativize(file))
                  .resolveSibling(found.group(1))
                  .normalize()
                  .toString();
          assertThat(get(target).getStatusCode())
              .as(file + " names " + target)
              .isEqualTo(HttpStatus.OK);
        }
      }
    }
    assertThat(named).isGreaterThan(20);
  }

  @Test
  void noFileNamesAnotherHost() throws IOException {
    for (Path file : files()) {
      assertThat(Files.readString(file).replace("http://www.w3.org/2000/svg", ""))
          .as(file.toString())
          .doesNotContainPattern("https?://(?!\\$|example\\.|[^/]*example\\.com)[a-z]")
          .doesNotContain("innerHTML")
          .doesNotContain("unsafeHTML");
    }
  }

  @Test
  void aPackedFileHasTheSameContentAndAnotherTag() throws IOException {
    ResponseEntity<byte[]> plain = controller.console("/main.js", null);
    ResponseEntity<byte[]> packed = controller.console("/main.js", "br, gzip");

    assertThat(packed.getHeaders().getFirst(HttpHeaders.CONTENT_ENCODING)).isEqualTo("gzip");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(body(packed))).readAllBytes())
        .isEqualTo(body(plain));
    assertThat(packed.getHeaders().getETag()).isNotEqualTo(plain.getHeaders().getETag());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing.js",
        "/../console/main.js",
        "/%2e%2e/main.js",
        "/.hidden.js",
        "/main.java",
        "//main.js",
        "/lib/lit/../lit/index.js",
        "/lib/nothing/index.js",
        "/lib/lit.js",
        "/api/",
      })
  void nothingElseIsServed(String path) {
    assertNotFound(() -> controller.console(path, null));
  }

  @Test
  void allScriptsTogetherStaySmall() throws IOException {
    long own =
        files().stream()
            .filter(file -> file.toString().endsWith(".js"))
            .mapToLong(file -> packedBytes("/" + WEB.relativize(file)))
            .sum();
    long libraries =
        Stream.of(
                "lit/index.js",
                "lit-element/lit-element.js",
                "lit-html/lit-html.js",
                "lit-html/is-server.js",
                "lit-html/directive.js",
                "lit-html/directive-helpers.js",
                "lit-html/directives/repeat.js",
                "reactive-element/reactive-element.js",
                "reactive-element/css-tag.js")
            .mapToLong(file -> packedBytes("/console/lib/" + file))
            .sum();

    System.out.printf("Scripts, packed: %d bytes own, %d of libraries%n", own, libraries);
    assertThat(own + libraries).isLessThan(SCRIPTS_BYTES_MAX);
  }

  private long packedBytes(String path) {
    ResponseEntity<byte[]> answer =
        path.startsWith("/my-key")
            ? controller.myKey(path.substring("/my-key".length()), "gzip")
            : controller.console(path.substring("/console".length()), "gzip");
    return body(answer).length;
  }

  private ResponseEntity<byte[]> get(String path) {
    return path.startsWith("/my-key")
        ? controller.myKey(path.substring("/my-key".length()), null)
        : controller.console(path.substring("/console".length()), null);
  }

  private static byte[] body(ResponseEntity<byte[]> answer) {
    return Objects.requireNonNull(answer.getBody());
  }

  private static List<Path> files() {
    try (Stream<Path> files = Files.walk(WEB)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertNotFound(Runnable request) {
    assertThatThrownBy(request::run)
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.NOT_FOUND));
  }
}
