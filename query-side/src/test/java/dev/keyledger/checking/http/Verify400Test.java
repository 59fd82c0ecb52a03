package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Verify400Test {
  private final Node node = new Node();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'key':7}|key",
        "{'key':['x']}|key",
        "{'key':'x','ip':'203.0.113.7:x'}|ip",
        "{'key':'x','ip':'203.0.113.7:123456'}|ip",
        "{'key':'x','ip':'[203.0.113.7]:1'}|ip",
        "{'key':'x','ip':'[2001:db8::7'}|ip",
        "{'key':'x','permissions':[]}|permissions",
        "{'key':'x','permissions':{'allOf':'read:users'}}|permissions.allOf",
        "{'key':'x','permissions':{'allOf':[null]}}|permissions.allOf[0]",
        "{'key':'x','permissions':{'allOf':['read:users',1]}}|permissions.allOf[1]",
        "{'key':'x','permissions':{'noneOf':[]}}|permissions.noneOf",
        "{'key':'x','permissions':{'anyOf':['keyledger:verfy']}}|permissions.anyOf[0]",
        "{'key':'x','permissions':{'anyOf':['read:*']}}|permissions.anyOf[0]",
        "{'key':'x','permissions':{'anyOf':['read users']}}|permissions.anyOf[0]",
        "{'key':'x','permissions':{'anyOf':['']}}|permissions.anyOf[0]",
        "{'key':'x','ip':'localhost'}|ip",
        "{'key':'x','ip':'203.0.113.07'}|ip",
        "{'key':'x','ip':''}|ip",
        "{'key':'x','environment':'LIVE'}|environment",
        "{'key':'x','environment':''}|environment",
        "{'key':'x','environment':true}|environment",
        "{'key':'x','explain':'true'}|explain",
        "{'key':'x','explain':1}|explain",
        "{'key':'x','cacheable':'true'}|cacheable",
        "{'key':'x','maxAge':60}|maxAge",
        "{'key':'x','maxAge':'60'}|maxAge",
        "{'key':'x','maxAge':'P1M'}|maxAge",
        "{'key':'x','maxAge':'PT-1S'}|maxAge",
        "{'key':'x','workspace':7}|workspace",
        "{'key':'x','status':'active'}|status",
        "{'key':'x','Key':'x'}|Key",
        "{'key':'x','reason':'because'}|reason"
      })
  void aFieldThatCannotBeReadIsNamed(String body, String field) {
    HttpAnswer answer = node.verify(body.replace('\'', '"'));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("bad-request");
    assertThat(Node.json(answer).get("errors").get(0).get("field").stringValue()).isEqualTo(field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null x",
        "[]",
        "\"kl_live\"",
        "7",
        " ",
        "{",
        "{\"key\":\"x\"",
        "{\"key\":\"x\",}",
        "{\"key\":\"x\"}{}",
        "{\"key\":\"x\"} x",
        "{'key':\"x\"}",
        "{\"key\":\"x\",\"key\":\"x\"}",
        "{\"permissions\":{\"anyOf\":[],\"anyOf\":[]},\"key\":\"x\"}",
        "{\"key\":\"\n\"}",
        "{\"key\":\"\\x\"}",
        "\uFEFF\uFEFF{\"key\":\"x\"}",
        "/**/{\"key\":\"x\"}"
      })
  void aBodyThatIsNoJsonAsItMustBeIsRefused(String body) {
    assertProblem(node.verify(body), 400, "bad-request");
  }

  @Test
  void depthAndWidthAreRefusedWithoutPain() {
    assertProblem(node.verify("{\"key\":" + "[".repeat(60_000)), 400, "bad-request");
    assertProblem(node.verify("{\"" + "x".repeat(60_000) + "\":1}"), 400, "bad-request");
    assertProblem(node.verify("{\"key\":" + "9".repeat(60_000) + "}"), 400, "bad-request");
    assertProblem(node.verify("{\"maxAge\":\"P" + "9".repeat(60_000) + "D\"}"), 400, "bad-request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "identity, gzip", "br", "x"})
  void aBodyInAContentCodingIs415(String coding) {
    for (String path : new String[] {"/v1/verify", "/v1/verify/batch"}) {
      HttpAnswer answer =
          node.send(
              new SentRequest("POST", path)
                  .bearer(Node.ROOT_KEY)
                  .with("Content-Encoding", coding)
                  .json("{\"key\":\"x\"}"));
      assertProblem(answer, 415, "unsupported-media-type");
      assertThat(Node.header(answer, "Accept-Encoding")).isEqualTo("identity");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "Identity", ""})
  void identityIsNoCoding(String coding) {
    HttpAnswer answer = node.send(asking().bearer(Node.ROOT_KEY).with("Content-Encoding", coding));
    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void otherEncodingsAreRefused() {
    for (byte[] body :
        new byte[][] {"{\"key\":\"x\"}".getBytes(UTF_16), {'{', '"', (byte) 0xc0, (byte) 0x80}}) {
      HttpAnswer answer =
          node.send(
              new SentRequest("POST", "/v1/verify")
                  .bearer(Node.ROOT_KEY)
                  .with("Content-Type", "application/json")
                  .body(body));
      assertProblem(answer, 400, "bad-request");
    }
  }

  @Test
  void aKeyInTheWrongPlaceIsNotRepeated() {
    String secret = Node.unknownSecret();
    for (String body :
        new String[] {
          "{\"" + secret + "\":\"key\"}",
          "{\"key\":\"x\",\"environment\":\"" + secret + "\"}",
          "{\"key\":\"x\",\"permissions\":{\"" + secret + "\":[]}}",
          "{\"key\":\"x\",\"permissions\":{\"anyOf\":[\"" + secret + "\"]}}",
          "{\"key\":\"x\",\"ip\":\"" + secret + "\"}",
          "{\"key\":\"x\",\"maxAge\":\"" + secret + "\"}",
          "{\"key\":" + secret + "}"
        }) {
      HttpAnswer answer = node.verify(body);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
          .doesNotContain(secret.substring(8));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"?x=1", "?key=x", "?x", "?=", "?&", "?x=%", "?x=%ff", "?x=%00"})
  void noQueryIsKnown(String query) {
    var request = new SentRequest("POST", "/v1/verify" + query).bearer(Node.ROOT_KEY);
    assertProblem(node.send(request.json("{\"key\":\"x\"}")), 400, "bad-request");
  }

  @Test
  void moreThanOneCredentialIsRefused() {
    for (SentRequest request :
        new SentRequest[] {
          asking().bearer(Node.ROOT_KEY).bearer(Node.ROOT_KEY),
          asking().bearer(Node.ROOT_KEY).with("X-API-Key", "x"),
          asking().with("Authorization", "Bearer " + Node.ROOT_KEY + ", Bearer x")
        }) {
      assertProblem(node.send(request), 400, "bad-request");
    }
  }

  @Test
  void aForgedPositionTokenIsRefused() {
    for (String token :
        new String[] {"", "x", "A".repeat(32), Node.tokens("another store").issue(1)}) {
      HttpAnswer answer =
          node.send(asking().bearer(Node.ROOT_KEY).with("Keyledger-At-Least", token));
      assertProblem(answer, 400, "invalid-position-token");
    }
  }

  @Test
  void aWaitBeyondTenSecondsIsRefused() {
    for (String wait : new String[] {"PT10.001S", "P1D", "10", ""}) {
      HttpAnswer answer = node.send(asking().bearer(Node.ROOT_KEY).with("Keyledger-Wait", wait));
      assertProblem(answer, 400, "bad-request");
    }
  }

  @Test
  void aBatchThatIsNoListOfChecksIsRefused() {
    for (String body :
        new String[] {
          "{\"checks\":{}}",
          "{\"checks\":7}",
          "{\"check\":[]}",
          "{\"checks\":[{\"key\":\"x\",\"explain\":0}",
          "{\"checks\":[{\"key\":\"x\",\"explain\":0}]",
          "{\"checks\":[{\"explain\":0,\"key\":\"x\",\"key\":\"x\"}]}"
        }) {
      var request = new SentRequest("POST", "/v1/verify/batch").bearer(Node.ROOT_KEY);
      assertProblem(node.send(request.json(body)), 400, "bad-request");
    }
  }

  private static SentRequest asking() {
    return new SentRequest("POST", "/v1/verify").json("{\"key\":\"x\"}");
  }

  private static void assertProblem(HttpAnswer answer, int status, String code) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(Node.header(answer, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo(code);
    assertThat(Node.json(answer).get("requestId").stringValue())
        .isEqualTo(Node.header(answer, "Keyledger-Request-Id"));
  }
}
