package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.GitHub.IDENTIFIER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.lifecycle.http.CommandNode.Answer;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Reports of GitHub's secret scanning, genuine and forged. */
@Timeout(120)
class GitHubLeaksTest {
  private static final String PATH = "/v1/leaks/github";
  private static final int SECRETS_MAX = 1000;

  private static final GitHub GITHUB = new GitHub();
  private static final TestLedger LEDGER = new TestLedger();
  private static CommandNode node;

  @BeforeAll
  static void start() {
    node =
        new CommandNode(
            LEDGER,
            CommandNode.PEPPER_1,
            Map.of("keyledger.github.keys-url", GITHUB.uri(), "keyledger.github.labels", true));
  }

  @AfterAll
  static void end() {
    node.close();
    GITHUB.close();
  }

  @Test
  void theKeyOfACurrentSecretIsRevokedAndTheAnswerLabelsRealSecrets() {
    Answer key = issued();

    Answer answer = reported(matches(key.field("secret"), "kl_live_unknown"));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.body().valueStream().map(JsonNode::toString))
        .containsExactly(
            label(key.field("secret"), "true_positive"),
            label("kl_live_unknown", "false_positive"));
    assertThat(events(key)).isEqualTo("KeyIssued LeakReported KeyRevoked");
    assertThat(
            LEDGER.number(
                """
                SELECT count(*) FROM log.event WHERE stream_id = '%s' AND type = 'LeakReported'
                  AND actor_type = 'anonymous' AND convert_from(context, 'UTF8') LIKE '%%Found by GitHub secret scanning%%'
                """
                    .formatted(key.field("keyId"))))
        .isEqualTo(1);
  }

  @Test
  void anOldSecretInItsOverlapIsRetiredAndADeadOneRecordedOnce() {
    Answer key = issued();
    String path = "/v1/keys/" + key.field("keyId");
    assertThat(node.post(path + "/rotate", "{\"overlap\": \"PT1H\"}").status()).isEqualTo(200);

    for (int i = 0; i < 2; i++) {
      assertThat(reported(matches(key.field("secret"))).status()).isEqualTo(200);
    }
    assertThat(events(key)).isEqualTo("KeyIssued KeyRotated LeakReported SecretRetired");
  }

  @Test
  void whiteSpaceAroundATokenAndUnknownFieldsAreIgnored() {
    Answer key = issued();
    String token = key.field("secret") + "\\r\\n";

    Answer answer =
        reported(
            "[{\"new\": {\"a\": [null]}, \"token\": \" %s\", \"url\": \"\"}]".formatted(token));

    assertThat(answer.body().path(0).path("token_raw").asString())
        .isEqualTo(" " + key.field("secret") + "\r\n");
    assertThat(answer.body().path(0).path("label").asString()).isEqualTo("true_positive");
    assertThat(events(key)).endsWith("KeyRevoked");
  }

  @Test
  void nothingHappensWithoutGitHubsSignatureOverExactlyThisBody() {
    Answer key = issued();
    String body = matches(key.field("secret"));
    String signature = GITHUB.sign(body);
    String forged = GitHub.sign(GitHub.pair("secp256r1"), body);

    for (Answer answer :
        new Answer[] {
          sent(body),
          sent(body, "Github-Public-Key-Identifier", IDENTIFIER),
          sent(body, "Github-Public-Key-Signature", signature),
          sent(body, signed("another", signature)),
          sent(body, signed(IDENTIFIER, forged)),
          sent(body, signed(IDENTIFIER, "AAAA")),
          sent(body, signed(IDENTIFIER, "*")),
          sent(body.replace("[{", "[ {"), signed(IDENTIFIER, signature)),
          sent("", signed(IDENTIFIER, signature)),
          node.post(PATH, body),
        }) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(401);
      assertThat(answer.field("code")).isEqualTo("unauthorized");
    }
    assertThat(events(key)).isEqualTo("KeyIssued");
    assertThat(sent(body, signed(IDENTIFIER, signature)).status()).isEqualTo(200);
    assertThat(events(key)).endsWith("KeyRevoked");
  }

  @Test
  void aSignedReportInAnotherFormIsRefused() {
    for (String body :
        new String[] {
          "", "{}", "[1]", "[{}]", "[{\"token\": 1}]", "[{\"token\": null}]", "[", "x"
        }) {
      Answer answer = reported(body);
      assertThat(answer.status()).as(body).isEqualTo(400);
      assertThat(answer.field("code")).isEqualTo("bad-request");
    }
    assertThat(reported("[]").text()).isEqualTo("[]");
  }

  @Test
  void aReportHasAMaximumNumberOfMatches() {
    assertThat(reported(copies(SECRETS_MAX)).body()).hasSize(SECRETS_MAX);
    assertThat(reported(copies(SECRETS_MAX + 1)).field("code")).isEqualTo("invalid-field");
  }

  /** Uses a node that is not configured to send labels, and one that cannot reach GitHub. */
  @Test
  void labelsAreSentOnlyIfConfiguredAndNothingIsDoneWithoutGitHubsKeys() {
    Answer key = issued();
    String body = matches(key.field("secret"));
    try (var silent =
            new CommandNode(
                LEDGER,
                CommandNode.PEPPER_1,
                Map.of("keyledger.github.keys-url", "http://127.0.0.1:1/"));
        var plain =
            new CommandNode(
                LEDGER, CommandNode.PEPPER_1, Map.of("keyledger.github.keys-url", GITHUB.uri()))) {
      Answer unavailable =
          silent.postWithoutCredential(PATH, body, signed(IDENTIFIER, GITHUB.sign(body)));
      assertThat(unavailable.status()).isEqualTo(503);
      assertThat(unavailable.field("code")).isEqualTo("store-unavailable");
      assertThat(events(key)).isEqualTo("KeyIssued");

      Answer accepted =
          plain.postWithoutCredential(PATH, body, signed(IDENTIFIER, GITHUB.sign(body)));
      assertThat(accepted.status()).isEqualTo(200);
      assertThat(accepted.text()).isEqualTo("[]");
      assertThat(events(key)).endsWith("KeyRevoked");
    }
  }

  private static Answer issued() {
    Answer key =
        node.post(
            "/v1/keys",
            "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"1\"},\"permissions\":[]}");
    assertThat(key.status()).as(key.text()).isEqualTo(201);
    return key;
  }

  private static Answer reported(String body) {
    return sent(body, signed(IDENTIFIER, GITHUB.sign(body)));
  }

  private static Answer sent(String body, String... headers) {
    return node.postWithoutCredential(PATH, body, headers);
  }

  private static String[] signed(String identifier, String signature) {
    return new String[] {
      "Github-Public-Key-Identifier", identifier, "Github-Public-Key-Signature", signature
    };
  }

  private static String matches(String... tokens) {
    return Stream.of(tokens)
        .map(token ->
            "{\"token\":\"%s\",\"type\":\"our_key\",\"url\":\"https://github.com/a\",\"source\":\"commit\"}"
                .formatted(token))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String copies(int number) {
    return Stream.generate(() -> "{\"token\":\"x\"}")
        .limit(number)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String label(String token, String label) {
    return "{\"token_raw\":\"%s\",\"token_type\":\"our_key\",\"label\":\"%s\"}"
        .formatted(token, label);
  }

  private static String events(Answer key) {
    return LEDGER.text(
        "SELECT string_agg(type, ' ' ORDER BY position) FROM log.event WHERE stream_id = '%s'"
            .concat(" AND type <> 'RotationCompleted'") // recorded by a timer, soon
            .formatted(key.field("keyId")));
  }
}
