package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.GitHub.IDENTIFIER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.http.ProblemException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The verification of GitHub's signatures, and the frequency, duration and size of the fetches for
 * it.
 */
@Timeout(60)
class GitHubKeysTest {
  private static final String BODY = "[{\"token\": \"x\"}]";

  private final GitHub github = new GitHub();
  private final AtomicLong nanoTime = new AtomicLong();
  private final GitHubKeys keys = new GitHubKeys(github.uri(), nanoTime::get);

  @AfterEach
  void end() {
    github.close();
  }

  @Test
  void aTextThatGitHubSignedIsRecognisedAndNoOther() {
    assertThat(isSigned(IDENTIFIER, github.sign(BODY), BODY)).isTrue();

    assertThat(isSigned(IDENTIFIER, github.sign(BODY), BODY + " ")).isFalse();
    assertThat(isSigned(IDENTIFIER, GitHub.sign(GitHub.pair("secp256r1"), BODY), BODY)).isFalse();
    assertThat(isSigned("another", github.sign(BODY), BODY)).isFalse();
    for (String malformed : new String[] {"", "AAAA", "not base64", github.sign(BODY) + "AAAA"}) {
      assertThat(isSigned(IDENTIFIER, malformed, BODY)).as(malformed).isFalse();
    }
  }

  /** Uses the sample from https://docs.github.com; the key is the one that GitHub publishes. */
  @Test
  void theSampleInGitHubsDocumentationIsRecognised() {
    String identifier = "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c";
    String pem =
        """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd
        AjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==
        -----END PUBLIC KEY-----
        """;
    publish("{\"public_keys\":[%s]}".formatted(GitHub.entry(identifier, pem)));

    assertThat(
            isSigned(
                identifier,
                "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==",
                "[{\"source\":\"commit\",\"token\":\"some_token\",\"type\":\"some_type\",\"url\":\"https://example.com/base-repo-url/\"}]"))
        .isTrue();
  }

  @Test
  void aKeyOfAnotherKindIsNotUsed() throws Exception {
    KeyPair p384 = GitHub.pair("secp384r1");
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    publish(
        "{\"public_keys\":[%s,%s,%s,%s]}"
            .formatted(
                GitHub.entry("p384", GitHub.pem(p384.getPublic())),
                GitHub.entry("rsa", GitHub.pem(rsa.getPublic())),
                GitHub.entry("none", "x"),
                GitHub.entry(IDENTIFIER, GitHub.pem(github.publicKey()))));

    assertThat(isSigned("p384", GitHub.sign(p384, BODY), BODY)).isFalse();
    assertThat(isSigned(IDENTIFIER, github.sign(BODY), BODY)).isTrue();
  }

  @Test
  void theKeysAreFetchedOnceAndAgainByAConditionalRequest() {
    assertGood();
    assertGood();
    assertThat(github.asked()).containsExactly("null");

    nanoTime.addAndGet(GitHubKeys.FRESH_MAX.toNanos() - 1);
    assertGood();
    assertThat(github.asked()).hasSize(1);
    nanoTime.addAndGet(1);
    assertGood();
    assertGood();
    assertThat(github.asked()).hasSize(2).last().asString().matches("\"[0-9a-f]{8}\"");
  }

  @Test
  void unknownIdentifiersLeadToAFetchOnceInAWhile() {
    assertGood();
    KeyPair other = GitHub.pair("secp256r1");
    publish(GitHub.list("next", other.getPublic()));
    for (int i = 0; i < 50; i++) {
      assertThat(isSigned("next" + i, github.sign(BODY), BODY)).isFalse();
    }
    nanoTime.addAndGet(GitHubKeys.PAUSE.toNanos() - 1);
    assertThat(isSigned("next", GitHub.sign(other, BODY), BODY)).isFalse();
    assertThat(github.asked()).hasSize(1);

    nanoTime.addAndGet(1);
    assertThat(isSigned("next", GitHub.sign(other, BODY), BODY)).isTrue();
    assertThat(isSigned(IDENTIFIER, github.sign(BODY), BODY)).as("withdrawn").isFalse();
    assertThat(github.asked()).hasSize(2);
  }

  @Test
  void keysThatCannotBeFetchedAgainAreUsedForADay() {
    assertGood();
    github.answers(exchange -> exchange.sendResponseHeaders(500, -1));

    nanoTime.addAndGet(GitHubKeys.AGE_MAX.toNanos() - 1);
    assertGood();
    nanoTime.addAndGet(1);
    assertUnavailable();
    publish(GitHub.list(IDENTIFIER, github.publicKey()));
    nanoTime.addAndGet(GitHubKeys.PAUSE.toNanos());
    assertGood();
  }

  @Test
  void withoutKeysNothingIsAcceptedNorRejected() {
    github.answers(exchange -> exchange.sendResponseHeaders(404, -1));
    assertUnavailable();
    assertUnavailable();
    assertThat(github.asked()).as("not for each report").hasSize(1);

    for (String bad :
        new String[] {"", "[]", "{", "{\"public_keys\":{}}", "{\"public_keys\":[1]}"}) {
      publish(bad);
      nanoTime.addAndGet(GitHubKeys.PAUSE.toNanos());
      assertUnavailable();
    }
  }

  @Test
  void aRedirectIsNotFollowed() {
    try (var elsewhere = new GitHub()) {
      github.answers(exchange -> {
        exchange.getResponseHeaders().set("Location", elsewhere.uri().toString());
        exchange.sendResponseHeaders(302, -1);
      });
      assertUnavailable();
      assertThat(elsewhere.asked()).isEmpty();
    }
  }

  @Test
  void aListHasAMaximumLength() {
    String list = GitHub.list(IDENTIFIER, github.publicKey());
    publish(list + " ".repeat(GitHubKeys.BYTES_MAX + 1 - list.length()));
    assertUnavailable();

    nanoTime.addAndGet(GitHubKeys.PAUSE.toNanos());
    publish(list + " ".repeat(GitHubKeys.BYTES_MAX - list.length()));
    assertGood();
  }

  /** Uses a server that begins to answer and then stalls. */
  @Test
  void aServerThatStallsDelaysAReportForSeconds() {
    var end = new CountDownLatch(1);
    github.answers(exchange -> {
      exchange.sendResponseHeaders(200, 100);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      end.await();
    });
    long begun = System.nanoTime();
    assertUnavailable();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
    end.countDown();
  }

  @Test
  void fewWaitForAFetchAndTheOthersAreRefusedAtOnce() throws Exception {
    var go = new CountDownLatch(1);
    github.answers(exchange -> {
      go.await();
      GitHub.sendList(exchange, GitHub.list(IDENTIFIER, github.publicKey()));
    });
    String signature = github.sign(BODY);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var refused = new CompletableFuture<Boolean>();
      var reports =
          Stream.generate(() ->
                  CompletableFuture.supplyAsync(
                      () -> isSigned(IDENTIFIER, signature, BODY), threads))
              .limit(5 * GitHubKeys.WAITING_MAX)
              .toList();
      reports.forEach(report -> report.exceptionally(_ -> refused.complete(true)));
      assertThat(refused.get(4, TimeUnit.SECONDS)).isTrue();
      go.countDown();
      long good =
          reports.stream().filter(report -> report.exceptionally(_ -> false).join()).count();
      assertThat(good).isPositive();
    }
    assertThat(github.asked()).hasSize(1);
  }

  private void publish(String json) {
    github.answers(exchange -> GitHub.sendList(exchange, json));
  }

  private void assertGood() {
    assertThat(isSigned(IDENTIFIER, github.sign(BODY), BODY)).isTrue();
  }

  private void assertUnavailable() {
    String signature = Base64.getEncoder().encodeToString(new byte[8]);
    assertThatThrownBy(() -> isSigned(IDENTIFIER, signature, BODY))
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.code().code()).isEqualTo("store-unavailable"));
  }

  private boolean isSigned(String identifier, String signature, String text) {
    return keys.signed(identifier, signature, text.getBytes(UTF_8));
  }
}
