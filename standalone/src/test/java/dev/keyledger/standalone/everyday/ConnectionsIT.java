package dev.keyledger.standalone.everyday;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of checks on both ports, byte by byte. */
@Timeout(60)
@ParameterizedClass
@EnumSource(Port.class)
@ExtendWith(SharedStandalone.class)
class ConnectionsIT {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");
  private static final String CRLF = "\r\n";

  @Parameter Port port = Port.MAIN;

  private KeyledgerProcess keyledger;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    issuer = shared.issuer();
  }

  @Test
  void theFastPortServesVerificationAndNothingElse() throws IOException {
    String head = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ";
    for (String target :
        List.of("/v1/keys", "/actuator/health", "/v1/verify/", "/", "//v1/verify")) {
      String request = "GET " + target + head + keyledger.rootKey() + CRLF + CRLF;
      String answer = received(open(Port.FAST, request));
      assertThat(statuses(answer)).as(target).containsExactly("404");
      assertThat(answer).contains("application/problem+json").contains("\"not-found\"");
    }
  }

  @Test
  void requestsOnOneConnectionAreAnsweredInOrder() throws IOException {
    IssuedKey good = issuer.issued("read:users");
    String pass = forwardAuth(good.secret(), "permission=read:users");
    String lacks = forwardAuth(good.secret(), "permission=read:orders");
    String fails = forwardAuth("nobody's", "");
    String waits =
        forwardAuth(good.secret(), "atLeast=" + good.answer().header("Keyledger-Position"));

    String answers = sent(pass + fails + waits + lacks + waits + pass + last(fails));

    assertThat(statuses(answers)).containsExactly("200", "401", "200", "403", "200", "200", "401");
  }

  @Test
  void headsThatAreTooLongAre431() throws IOException {
    String longValue = "a".repeat(9000);
    for (String request :
        List.of(
            "GET /v1/verify HTTP/1.1\r\nHost: a\r\nX-Long: " + longValue + CRLF + CRLF,
            "GET /v1/verify?permission=" + longValue + " HTTP/1.1\r\nHost: a\r\n\r\n")) {
      String answer = sent(last(request));
      assertThat(statuses(answer)).containsExactly("431");
      assertThat(answer).contains("\"headers-too-large\"");
    }
  }

  @Test
  void bodiesAreTakenUpToTheLimitHoweverTheyCome() throws IOException {
    String root = keyledger.rootKey();
    String check = "{\"key\":\"x\"}";
    String largest = check + " ".repeat(65536 - check.length());

    assertThat(statuses(sent(last(verify(root, largest))))).containsExactly("200");
    assertThat(statuses(sent(last(chunked(root, largest))))).containsExactly("200");
    assertThat(statuses(sent(last(verify(root, largest + " "))))).containsExactly("413");
    assertThat(statuses(sent(last(chunked(root, largest + " "))))).containsExactly("413");
    assertThat(statuses(sent(last(verify(root, "x".repeat(1_000_000)))))).containsExactly("413");
  }

  @Test
  void expectContinueIsAnswered() throws IOException {
    String root = keyledger.rootKey();
    assertThat(statuses(sent(last(verify(root, "{\"key\":\"x\"}", "Expect: 100-continue")))))
        .containsExactly("100", "200");
    assertThat(
            statuses(
                sent(
                    withHeader(verify("nobody's", ""), "Expect: 100-continue")
                        .replace("Content-Length: 0", "Content-Length: 9"))))
        .containsExactly("401");
    String waiting = last(verify(root, "{\"key\":\"x\"}", "Expect: 100-continue"));
    int head = waiting.indexOf("\r\n\r\n") + 4;
    try (Socket connection = open(waiting.substring(0, head))) {
      byte[] interim = connection.getInputStream().readNBytes("HTTP/1.1 100".length());
      assertThat(new String(interim, ISO_8859_1)).isEqualTo("HTTP/1.1 100");
      connection.getOutputStream().write(waiting.substring(head).getBytes(ISO_8859_1));
      assertThat(statuses(received(connection))).containsExactly("200");
    }
    String far = last(verify(root, "", "Expect: 100-continue"));
    assertThat(statuses(sent(far.replace("Content-Length: 0", "Content-Length: 70000"))))
        .containsExactly("413");
  }

  @Test
  void anUnknownExpectationIs417AndTheKnownOneKeepsTheOrder() throws IOException {
    String request = forwardAuth("nobody's", "");
    for (String expectation : List.of("foo", "100-continue, foo", "100-continue\r\nExpect: foo")) {
      assertThat(statuses(sent(withHeader(request, "Expect: " + expectation))))
          .as(expectation)
          .containsExactly("417");
    }
    String old = request.replace("HTTP/1.1", "HTTP/1.0");
    assertThat(statuses(sent(withHeader(old, "Expect: foo")))).containsExactly("401");
    String waiting = withHeader(request, "Expect: 100-continue\r\nContent-Length: 5");
    assertThat(statuses(sent(waiting))).as("the body is not needed").containsExactly("401");
  }

  @Test
  void aTargetMayHaveTheAbsoluteForm() throws IOException {
    String absolute = "http://A/v1/forward-auth";
    assertThat(statuses(sent(last(forwardAuth("x", "").replace("/v1/forward-auth", absolute)))))
        .containsExactly("401");
  }

  @Test
  void bothPortsReportLivenessAndReadiness() throws IOException {
    for (String probe : List.of("liveness", "readiness")) {
      String head = "GET /actuator/health/" + probe + " HTTP/1.1\r\nHost: a\r\n\r\n";
      assertThat(statuses(sent(last(head)))).as(probe).containsExactly("200");
    }
  }

  @Test
  void aTransferCodingBesideChunkedIsRefused() throws IOException {
    for (String coding : List.of("gzip, chunked", "identity, chunked", "chunked, chunked")) {
      String codings = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + coding;
      assertThat(statuses(sent(codings + "\r\n\r\n0\r\n\r\n")))
          .as(coding)
          .doesNotContain("200", "401");
    }
  }

  private static String withHeader(String request, String header) {
    return request.replaceFirst(CRLF, CRLF + header + CRLF);
  }

  @Test
  void otherProtocolsAreRefusedAndTheConnectionClosed() throws IOException {
    for (String request :
        List.of(
            "GET\r\n\r\n",
            "\0\1\2\3\r\n\r\n",
            "GET /v1/forward-auth HTTP/1.1\r\n\r\n",
            "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /v1/forward-auth HTTP/1.1\r\nHost: a\r\nbad header: b\r\n\r\n",
            "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            "GET /v1/forward-auth HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET /v1/forward-auth HTTP/1.1\r\nHost: a:b\r\n\r\n",
            "GET /v1/forward-auth HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET http://b/v1/forward-auth HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /v1/forward-auth HTTP/0.9\r\nHost: a\r\n\r\n",
            "GET /v1/forward-auth HTTP/1.2\r\nHost: a\r\n\r\n",
            "GET /v1/forward-auth HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET /v1/forward-auth http/1.1\r\nHost: a\r\n\r\n",
            "POST /v1/verify HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            "POST /v1/verify HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/verify HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
                .formatted(keyledger.rootKey()))) {
      assertThat(statuses(sent(request))).as(request).containsExactly("400");
    }
  }

  /** Checks a request without a version; an answer in HTTP/0.9 has no status line. */
  @Test
  void aRequestWithoutAVersionIsRefused() throws IOException {
    assertThat(sent("GET /v1/forward-auth\r\n\r\n")).contains("\"bad-request\"");
  }

  @Test
  void aHeadOfAnAnswerHasNoBody() throws IOException {
    String answer = sent(last(forwardAuth("nobody's", "").replace("GET", "HEAD")));

    assertThat(statuses(answer)).containsExactly("401");
    assertThat(answer).endsWith(CRLF + CRLF).containsIgnoringCase("content-length: ");
  }

  @Test
  void anOldClientIsServedToo() throws IOException {
    String secret = issuer.issued().secret();
    String old = "GET /v1/forward-auth HTTP/1.0\r\nAuthorization: Bearer " + secret + CRLF;

    assertThat(statuses(sent(old + CRLF))).containsExactly("200");
    assertThat(statuses(sent(old + "Connection: keep-alive\r\n\r\n" + old + CRLF)))
        .containsExactly("200", "200");
  }

  private static String forwardAuth(String secret, String query) {
    return "GET /v1/forward-auth?%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n"
        .formatted(query, secret)
        .replace("? ", " ");
  }

  private static String verify(String credential, String body, String... headers) {
    return "POST /v1/verify HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
        .formatted(credential, lines(headers), body.length(), body);
  }

  private static String chunked(String credential, String body) {
    int half = body.length() / 2;
    return "POST /v1/verify HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
        .formatted(
            credential, half, body.substring(0, half), body.length() - half, body.substring(half));
  }

  private static String lines(String... headers) {
    return headers.length == 0 ? "" : String.join(CRLF, headers) + CRLF;
  }

  /** Returns the request as the last one of its connection. */
  private static String last(String request) {
    return request.replaceFirst(CRLF, "\r\nConnection: close\r\n");
  }

  private static List<String> statuses(String answers) {
    var statuses = new ArrayList<String>();
    for (Matcher status = STATUS.matcher(answers); status.find(); ) {
      statuses.add(status.group(1));
    }
    return statuses;
  }

  private Socket open(String requests) throws IOException {
    return open(port, requests);
  }

  private Socket open(Port to, String requests) throws IOException {
    var socket = new Socket(keyledger.uri(to).getHost(), keyledger.uri(to).getPort());
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write(requests.getBytes(ISO_8859_1));
    return socket;
  }

  private String sent(String requests) throws IOException {
    return received(open(requests));
  }

  /** Returns all bytes until the listener closes the connection. */
  private static String received(Socket connection) throws IOException {
    try (connection) {
      var answers = new ByteArrayOutputStream();
      connection.getInputStream().transferTo(answers);
      return answers.toString(ISO_8859_1);
    }
  }
}
