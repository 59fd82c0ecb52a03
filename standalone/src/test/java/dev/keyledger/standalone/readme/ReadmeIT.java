package dev.keyledger.standalone.readme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Receiver;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The requests and responses that the tours print, compared with real ones. */
@Timeout(300)
class ReadmeIT {
  private static final Path README =
      Path.of(Objects.requireNonNull(System.getProperty("keyledger.readme"))).normalize();
  private static final Path GUIDE = README.resolveSibling("docs/guide.md");
  private static final Path MIGRATING = README.resolveSibling("docs/migrating.md");
  private static final Path EXPIRY = README.resolveSibling("docs/expiry.md");
  private static final List<Path> TOURS = List.of(README, GUIDE, MIGRATING, EXPIRY);

  /** The address in the documents, replaced by that of the node under test. */
  private static final String PRINTED_ADDRESS = "http://127.0.0.1:8080";

  /** The address of a receiver of webhooks in the documents, replaced likewise. */
  private static final String PRINTED_RECEIVER = "http://127.0.0.1:9000";

  private static final Pattern REQUEST =
      Pattern.compile(
          "^```sh\\n(.*?)^```\\n(?:\\n```(?:json|http)\\n(.*?)^```\\n)?",
          Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern SHARED_KEY =
      Pattern.compile("KEYLEDGER_SHARED_KEY=(\\S+) KEYLEDGER_SHARED_KEY_PERMISSIONS=(\\S+) mvn");
  private static final Pattern TEXT = Pattern.compile("```text\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern NAME_OF_A_TEST = Pattern.compile("`(\\w+(?:Test|IT))`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]*)(?:#([^)]*))?\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
  private static final int REQUESTS_MIN = 6;
  private static final String MARK = "=-=-= next =-=-=";

  @Test
  void everyRequestIsAnsweredAsPrinted() throws Exception {
    MatchResult sharedKey =
        SHARED_KEY.matcher(Files.readString(GUIDE)).results().findFirst().orElseThrow();
    var each = new SoftAssertions();
    var smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    smtp.start();
    try (var receiver = new Receiver();
        var keyledger =
            KeyledgerProcess.start(
                Application.STANDALONE,
                Map.of(
                    "KEYLEDGER_SHARED_KEY", sharedKey.group(1),
                    "KEYLEDGER_SHARED_KEY_PERMISSIONS", sharedKey.group(2),
                    "KEYLEDGER_PUBLIC_URL", "https://keys.example.com",
                    "KEYLEDGER_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8",
                    "KEYLEDGER_MAIL_ALLOWED_DOMAINS", "example.com",
                    "SPRING_MAIL_HOST", "127.0.0.1",
                    "SPRING_MAIL_PORT", Integer.toString(smtp.getSmtp().getPort()),
                    "SPRING_MAIL_PROPERTIES_MAIL_FROM", "keys@example.com"))) {
      for (Path tour : TOURS) {
        compare(tour, keyledger, receiver, each);
      }
      assertReminded(receiver, smtp);
      smtp.stop();
      assertThat(keyledger.root().get("/actuator/health").status())
          .as("health without the mail server")
          .isEqualTo(200);
    } finally {
      smtp.stop();
    }
    each.assertAll();
  }

  /** Compares the mail with the printed one, and requires a webhook with the same content. */
  private static void assertReminded(Receiver receiver, GreenMail smtp) throws Exception {
    MimeMessage mail = smtp.getReceivedMessages()[0];
    assertThat(mail.getSubject()).isEqualTo("API key \"Nightly export\" expires in 10 minutes");
    String text = (String) ((MimeMultipart) mail.getContent()).getBodyPart(0).getContent();
    String printed = matches(TEXT, EXPIRY).getFirst().group(1);
    assertThat(PrintedAnswer.normal(withoutBlankLines(text)))
        .isEqualTo(PrintedAnswer.normal(withoutBlankLines(printed)));

    JsonNode event = receiver.events().getFirst();
    assertThat(event.path("type").asString()).isEqualTo("dev.keyledger.ExpiryApproaching");
    assertThat(event.path("data").path("expiresIn").asString()).startsWith("PT9M");
    assertThat(text).contains(event.path("data").path("renewUrl").asString());
  }

  private static String withoutBlankLines(String text) {
    return text.lines().filter(line -> !line.isBlank()).collect(Collectors.joining("\n"));
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
    assertThat(matches(NAME_OF_A_TEST, GUIDE).stream().map(match -> match.group(1)))
        .isNotEmpty()
        .isSubsetOf(names);
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<Path> documents = documents();
    assertThat(documents).contains(README).hasSizeGreaterThan(10);
    for (Path document : documents) {
      for (MatchResult link : matches(LINK, document)) {
        if (!link.group(1).startsWith("http")) {
          assertLeadsSomewhere(document, link);
        }
      }
    }
  }

  private static void assertLeadsSomewhere(Path from, MatchResult link) throws IOException {
    Path target = link.group(1).isEmpty() ? from : from.resolveSibling(link.group(1));
    assertThat(target).as("%s in %s", link.group(), from).exists();
    if (link.group(2) != null) {
      assertThat(matches(HEADING, target).stream().map(heading -> anchor(heading.group(1))))
          .as("%s in %s", link.group(), from)
          .contains(link.group(2));
    }
  }

  /** Returns the anchor that GitHub gives to a heading. */
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(README.resolveSibling("docs"));
        Stream<Path> root = Files.list(README.resolveSibling(""));
        Stream<Path> examples = Files.list(README.resolveSibling("examples"))) {
      return Stream.of(docs, root, examples)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    }
  }

  private static void compare(
      Path tour, KeyledgerProcess keyledger, Receiver receiver, SoftAssertions each)
      throws IOException, InterruptedException {
    List<MatchResult> requests = matches(REQUEST, tour);
    assertThat(requests.stream().filter(request -> request.group(2) != null))
        .hasSizeGreaterThanOrEqualTo(REQUESTS_MIN);
    List<String> answers = answersOf(requests, keyledger, receiver);
    for (int i = 0; i < requests.size(); i++) {
      String printed = requests.get(i).group(2);
      if (printed != null) {
        each.assertThat(PrintedAnswer.constantPartOf(answers.get(i)))
            .as(requests.get(i).group(1))
            .isEqualTo(PrintedAnswer.constantPartOf(printed));
      }
    }
  }

  /**
   * Runs the requests in one shell, which keeps their variables, in the parent of the data
   * directory.
   */
  private static List<String> answersOf(
      List<MatchResult> requests, KeyledgerProcess keyledger, Receiver receiver)
      throws IOException, InterruptedException {
    var script = new StringBuilder("set -eu\n");
    for (MatchResult request : requests) {
      script
          .append(
              request
                  .group(1)
                  .replace(PRINTED_ADDRESS, keyledger.uri().toString())
                  .replace(PRINTED_RECEIVER, receiver.uri().toString()))
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
    String said =
        Files.readString(output, UTF_8).replace(receiver.uri().toString(), PRINTED_RECEIVER);
    assertThat(shell.exitValue()).as(said).isZero();
    List<String> answers = new ArrayList<>(List.of(said.split(Pattern.quote(MARK), -1)));
    answers.replaceAll(String::strip);
    return answers;
  }

  private static List<MatchResult> matches(Pattern pattern, Path document) throws IOException {
    return pattern.matcher(Files.readString(document)).results().toList();
  }
}
