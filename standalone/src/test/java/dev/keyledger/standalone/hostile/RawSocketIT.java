package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.contract.Contract;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed requests, on both ports. */
@Timeout(120)
@ParameterizedClass
@EnumSource(Port.class)
@ExtendWith(SharedStandalone.class)
class RawSocketIT {
  private static final String VERSION = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";

  @Parameter Port port = Port.MAIN;

  private KeyledgerProcess keyledger;
  private URI uri;
  private String secret;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    uri = shared.uri(port);
    secret = shared.issuer().issued("read:users").secret();
  }

  @ParameterizedTest
  @CsvSource({
    "8192, /v1/verify",
    "40960, /v1/verify",
    "65536, /v1/verify",
    "1048576, /v1/verify",
    "32768, /v1/forward-auth",
    "65536, /v1/forward-auth",
    "1048576, /v1/forward-auth",
    "32768, /v1/forward-auth/-/_/x",
  })
  void headersAndRequestLinesBeyondTheirLimitAreRefused(int bytes, String path) throws IOException {
    String value = "a".repeat(bytes);
    for (String head :
        List.of(
            "GET " + path + VERSION + "X-Long: " + value,
            "GET " + path + "?permission=" + value + VERSION + "X: y")) {
      RawAnswer answer = sent(head + "\r\n\r\n");
      if (answer.status() != 431) {
        assertThat(answer.status()).as("the container's own limit").isEqualTo(400);
        assertThat(bytes).isGreaterThan(40 * 1024);
      }
      assertThat(answer.body()).doesNotContain("html", "Tomcat", "aaaaaaaa");
    }
  }

  @Test
  void aRequestWithTwoFaultsIsRefusedForOneOfThemInWords() throws IOException {
    RawAnswer answer = sent("GET /v1/keys/a%00b" + VERSION + "X: " + "a".repeat(9000) + "\r\n\r\n");

    assertThat(answer.status()).isIn(400, 431);
    assertThat(answer.body()).contains("\"status\":" + answer.status());
  }

  @Test
  void theLongestHeadsAreTaken() throws IOException {
    for (String path : List.of("/v1/forward-auth", "/v1/forward-auth/-/_/x")) {
      theLongestHeadIsTaken("GET " + path + VERSION, 32 * 1024, 200);
    }
    theLongestHeadIsTaken("GET /v1/verify" + VERSION, 8 * 1024, 405);
  }

  private void theLongestHeadIsTaken(String start, int bytes, int status) throws IOException {
    String head = start + "Authorization: Bearer " + secret + "\r\n";
    int left = bytes - head.length() - "X: \r\n\r\n".length();

    assertThat(sent(head + "X: " + "a".repeat(left) + "\r\n\r\n").status()).isEqualTo(status);
    assertThat(sent(head + "X: " + "a".repeat(left + 1) + "\r\n\r\n").status()).isEqualTo(431);
    String longTarget = start.replace(" HTTP/1.1", "?x=" + "a".repeat(bytes / 2) + " HTTP/1.1");
    assertThat(sent(longTarget + "X: " + "a".repeat(bytes / 2) + "\r\n\r\n").status())
        .isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer %1$s\r\nAuthorization: Bearer x",
        "Authorization: Bearer %1$s\r\nX-API-Key: x",
        "Authorization: Bearer %1$s, Bearer %1$s",
        "Authorization: Bearer %1$s,%1$s",
        "X-API-Key: %1$s,%1$s",
        "X-API-Key: %1$s\r\nx-api-key: x",
        "Authorization: Bearer %1$s\u00a0",
        "Authorization: Bearer \u200b%1$s",
        "Authorization: Bearer \ufeff%1$s",
        "Authorization: Bearer %2$s",
        "Authorization: Bearer %3$s",
        "Authorization: bearer",
        "Authorization: Basic %1$s",
        "Authorization: Bearer\t%1$s",
      })
  void aKeyThatIsNotSentOnceAndExactlyPassesNowhere(String headers) throws IOException {
    String lines = headers.formatted(secret, secret.toUpperCase(Locale.ROOT), fullWidth(secret));
    RawAnswer forwarded = sent("GET /v1/forward-auth" + VERSION + lines + "\r\n\r\n");

    assertThat(forwarded.status()).as(lines).isEqualTo(401);
    assertThat(forwarded.body()).doesNotContain(secret.substring(8, 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "\r", "\n", "\u0080", "\u200b", "\ufeff", "\u212a", " ", "\t"})
  void aKeyWithAStrangeCharacterIsMalformedOrNotUnderstood(String strange) throws IOException {
    String escaped = "\\u%04x".formatted((int) strange.charAt(0));
    for (String key :
        List.of(secret + escaped, escaped + secret, "kl" + escaped + secret.substring(2))) {
      RawAnswer answer = verify("{\"key\":\"" + key + "\"}");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("\"MALFORMED\"");
    }
    RawAnswer raw = verify("{\"key\":\"" + secret + strange + "\"}");
    assertThat(raw.status()).isIn(200, 400);
    assertThat(raw.body()).doesNotContain("\"VALID\"");
  }

  static List<String> bodies() {
    return List.of(
        "{\"key\":".repeat(17) + "1" + "}".repeat(17),
        "[".repeat(30_000),
        "{\"key\":\"a\",\"key\":\"a\"}",
        "{\"key\":" + "9".repeat(20_000) + "}",
        "{\"key\":1e999999999}",
        "{" + "\"a\":1,".repeat(8000) + "\"b\":1}",
        "{\"key\":\"" + "\\u0000".repeat(9000) + "\"}",
        "{\"" + "n".repeat(20_000) + "\":1}",
        "{\"key\":\"a\"} trailing",
        "\ufeff{\"key\":\"a\"}",
        "{\"key\":\"\ud800\"}",
        "{\"key\":\"a\",\"workspace\":\"other\"}",
        "{\"key\":\"a\",\"permissions\":{\"anyOf\":[" + "\"a:b\",".repeat(5000) + "\"a:b\"]}}");
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void aBodyThatIsMadeToHurtIsRefusedAndNotRepeated(String body) throws IOException {
    RawAnswer answer = verify(body);

    assertThat(answer.status()).isIn(200, 400, 422);
    assertThat(answer.body()).hasSizeLessThan(1500).doesNotContain("\"VALID\"");
  }

  @Test
  void aKeyInAPathOrAQueryIsRefusedAndNotLogged() throws IOException {
    for (String target :
        List.of(
            "/v1/forward-auth?key=" + secret,
            "/v1/forward-auth?access_token=" + secret,
            "/v1/verify?key=" + secret,
            "/v1/keys/" + secret,
            "/v1/verify/" + secret)) {
      RawAnswer answer =
          sent(
              "GET "
                  + target
                  + VERSION
                  + "Authorization: Bearer "
                  + keyledger.rootKey()
                  + "\r\n\r\n");
      assertThat(answer.status()).as(target).isBetween(400, 499);
      assertThat(answer.body()).doesNotContain(secret);
    }
    assertThat(keyledger.output()).doesNotContain(secret);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET\r\n\r\n",
        "\0\1\2\r\n\r\n",
        "GET /v1/verify\r\n\r\n",
        "GET /v1/verify HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost: a\r\nspace : b\r\n\r\n",
        "GET /v1/keys/a%00b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/keys/..%2f..%2fx HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/keys/../../x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/keys/%2e%2e/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/keys/a;b=c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/keys/a\\b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST /v1/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /v1/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf",
        "TRACE /v1/keys HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: secret-of-mine\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "BREW /v1/verify HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001",
      })
  void aForeignRequestBreaksNothing(String request) throws IOException {
    RawAnswer answer = sent(request);

    assertThat(answer.status()).as(answer.body()).isLessThan(500);
    assertThat(answer.body()).doesNotContain("<html", "Tomcat", "Exception", "secret-of-mine");
    assertThat(answer.headers().firstValue("Server")).isEmpty();
  }

  @Test
  void manyRequestsAtOnceAreAnsweredInOrderOnOneConnection() throws IOException {
    String one = "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\nX-API-Key: " + secret + "\r\n\r\n";
    RawAnswer answers = sent(one.repeat(50) + "GET /v1/forward-auth" + VERSION + "\r\n");

    assertThat(answers.status()).isEqualTo(200);
    assertThat(answers.body().split("HTTP/1.1 200", -1)).hasSize(50);
    assertThat(answers.body().split("HTTP/1.1 401", -1)).hasSize(2);
  }

  private RawAnswer verify(String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    RawAnswer answer =
        sent(
            "POST /v1/verify"
                + VERSION
                + "Authorization: Bearer "
                + keyledger.rootKey()
                + "\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes.length
                + "\r\n\r\n"
                + body);
    assertThat(
            Contract.KEYLEDGER.violations(
                "POST", "/v1/verify", answer.status(), answer.headers(), answer.body()))
        .isEmpty();
    return answer;
  }

  private RawAnswer sent(String request) throws IOException {
    return RawAnswer.to(uri, request.getBytes(UTF_8));
  }

  private static String fullWidth(String text) {
    return text.chars()
        .mapToObj(c -> Character.toString(c - '!' + '\uff01'))
        .collect(Collectors.joining());
  }
}
