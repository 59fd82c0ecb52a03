package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.contract.Contract;
import dev.keyledger.standalone.contract.Operation;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of heads, bodies and JSON, for every operation and for unknown ones. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class LimitsIT {
  private static final int BODY_BYTES_MAX = 64 * 1024;
  private static final int IMPORT_BYTES_MAX = 1024 * 1024;
  private static final Map<String, String> VARIABLES =
      Map.of(
          "keyId", "key_01k0000000000000000000000x",
          "webhookId", "whk_01k0000000000000000000000x",
          "deliveryId", "dlv_01k0000000000000000000000x",
          "type", "user",
          "id", "nobody",
          "token", "x",
          "workspace", "default");

  private KeyledgerProcess keyledger;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
  }

  static Stream<Operation> operations() {
    return Contract.KEYLEDGER.all().stream();
  }

  static Stream<Operation> operationsWithABody() {
    return operations().filter(operation -> operation.sample().isPresent());
  }

  static Stream<Operation> operationsWithJson() {
    return operationsWithABody().filter(operation -> !isForm(operation));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aHeadBeyondItsLimitIsRefused(Operation operation) throws IOException {
    int max = (operation.path().startsWith("/v1/forward-auth") ? 32 : 8) * 1024;
    RawAnswer answer = sent(operation, "X-Long: " + "a".repeat(max) + "\r\n", "");

    assertThat(answer.status()).isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1/nothing",
        "/problems/not-found",
        "/swagger-ui/index.html",
        "/v3/api-docs",
        "/actuator/health",
        "/actuator/prometheus",
        "/error"
      })
  void sameBesideThem(String path) throws IOException {
    assertThat(sent("GET", path, "X-Long: " + "a".repeat(8 * 1024) + "\r\n", "").status())
        .isEqualTo(431);
    for (String mediaType : new String[] {"application/json", Operation.FORM}) {
      for (String method : new String[] {"POST", "PUT", "PATCH", "DELETE"}) {
        RawAnswer answer =
            sent(method, path, "Content-Type: " + mediaType + "\r\n", "a".repeat(1_500_000));
        assertThat(answer.status()).as(method + answer).isBetween(400, 499);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("operationsWithABody")
  void theLargestBodyIsReadAndOneByteMoreIsNot(Operation operation) throws IOException {
    int max = operation.path().equals("/v1/keys/import") ? IMPORT_BYTES_MAX : BODY_BYTES_MAX;
    String filled = isForm(operation) ? "token=" + "a".repeat(max - 6) : "{}" + " ".repeat(max - 2);
    String mediaType = "Content-Type: " + operation.sample().orElseThrow().mediaType() + "\r\n";

    assertThat(sent(operation, mediaType, filled).status()).isNotIn(413, 415, 0);
    assertThat(sent(operation, mediaType, filled + " ").status()).isEqualTo(413);
    String chunk = "%x\r\n%s \r\n0\r\n\r\n".formatted(max + 1, filled);
    assertThat(chunked(operation, mediaType, chunk).status()).isEqualTo(413);
  }

  @ParameterizedTest
  @MethodSource("operationsWithABody")
  void aBodyOfAnotherMediaTypeIsNotRead(Operation operation) throws IOException {
    for (String mediaType :
        new String[] {
          "multipart/form-data; boundary=a",
          "multipart/form-data",
          isForm(operation) ? "application/json" : Operation.FORM
        }) {
      for (String body : new String[] {"--a\r\n\r\nx\r\n--a--\r\n", "token=a"}) {
        RawAnswer answer = sent(operation, "Content-Type: " + mediaType + "\r\n", body);
        assertThat(answer.status()).as(mediaType + answer).isEqualTo(415);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("operationsWithJson")
  void jsonThatIsMadeToHurtIsRefused(Operation operation) throws IOException {
    for (String body :
        new String[] {
          "{\"a\":".repeat(17) + "1" + "}".repeat(17),
          "[".repeat(30_000),
          "{\"reason\":\"x\",\"reason\":\"x\"}",
          "{\"reason\":" + "9".repeat(20_000) + "}",
          "{\"reason\":1e999999999}",
          "{" + "\"a\":1,".repeat(8000) + "\"b\":1}",
          "{\"" + "n".repeat(60_000) + "\":1}",
          "\ufeff{}}",
        }) {
      RawAnswer answer = sent(operation, "Content-Type: application/json\r\n", body);
      // GitHub's signature is verified before the body is read.
      int status = operation.path().equals("/v1/leaks/github") ? 401 : 400;
      assertThat(answer.status()).as(answer.body()).isEqualTo(status);
      assertThat(answer.body()).hasSizeLessThan(1500);
    }
  }

  private static boolean isForm(Operation operation) {
    return operation.sample().orElseThrow().mediaType().equals(Operation.FORM);
  }

  private RawAnswer sent(Operation operation, String headers, String body) throws IOException {
    return sent(operation.method(), operation.pathWith(VARIABLES), headers, body);
  }

  private RawAnswer sent(String method, String path, String headers, String body)
      throws IOException {
    String length = "Content-Length: " + body.getBytes(UTF_8).length + "\r\n";
    return raw(method, path, headers + (body.isEmpty() ? "" : length), body);
  }

  private RawAnswer chunked(Operation operation, String headers, String chunks) throws IOException {
    return raw(
        operation.method(),
        operation.pathWith(VARIABLES),
        headers + "Transfer-Encoding: chunked\r\n",
        chunks);
  }

  private RawAnswer raw(String method, String path, String headers, String body)
      throws IOException {
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
            + credentialFor(path)
            + "\r\n"
            + headers
            + "\r\n";
    RawAnswer answer = RawAnswer.to(keyledger.uri(Port.MAIN), (head + body).getBytes(UTF_8));
    assertThat(
            Contract.KEYLEDGER.violations(
                method, path, answer.status(), answer.headers(), answer.body()))
        .isEmpty();
    return answer;
  }

  /** Returns the root key; where a key asks about itself, that of a new key. */
  private String credentialFor(String path) {
    return path.startsWith("/v1/self")
        ? keyledger.issuer().issued("keyledger:self:*").secret()
        : keyledger.rootKey();
  }
}
