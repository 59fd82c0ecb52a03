package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.http.HttpAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class Verify200Test {
  private static final Instant EXPIRY = Instant.parse("2026-03-20T00:00:00Z");

  private final Node node = new Node();

  @Test
  void aGoodKeyIsAnsweredWithAllThatIsKnown() {
    Node.Issued key = node.issue(USUAL.until(EXPIRY));
    HttpAnswer answer = node.verify("{\"key\":\"" + key.secret() + "\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Node.header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(Node.header(answer, "Cache-Control")).isEqualTo("no-store");
    assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"valid":true,"code":"VALID","keyId":"%s","name":"Billing","workspace":"default",\
            "owner":{"type":"app","id":"billing"},"environment":"live","permissions":["read:*"],\
            "missingPermissions":[],"metadata":{"team":"payments"},\
            "expiresAt":"2026-03-20T00:00:00Z","renewableUntil":"2026-04-19T00:00:00Z",\
            "renewalDue":true,"generation":1,"currentGeneration":1,\
            "decidedBy":{"type":"KeyIssued","position":1,"time":"2026-03-01T00:00:01Z"},\
            "position":1,"asOf":"2026-03-01T00:59:59Z"}\
            """
                .formatted(key.id()));
  }

  @Test
  void absentValuesAreLeftOut() {
    Node.Issued key = node.issue(USUAL);
    JsonNode answer = verified(key.secret(), "");
    assertThat(answer.propertyNames())
        .contains("missingPermissions", "metadata")
        .doesNotContain("expiresAt", "renewableUntil", "overlapEndsAt", "conditions");
  }

  @Test
  void aMissSaysNothingOfAnyKey() {
    node.issue(USUAL);
    for (String miss : List.of(Node.unknownSecret(), "", "some-other-string", Node.ROOT_KEY)) {
      JsonNode answer = verified(miss, ",\"explain\":true");
      assertThat(answer.propertyNames()).containsExactly("valid", "code", "position", "asOf");
      assertThat(answer.get("valid").booleanValue()).isFalse();
    }
  }

  @Test
  void aKeyOfAnotherWorkspaceIsAMiss() {
    Node.Issued foreign = node.issue(USUAL.in("other"));
    assertThat(code(foreign.secret(), "")).isEqualTo("NOT_FOUND");
  }

  @Test
  void theRootKeyIsNoKeyThatIsGood() {
    assertThat(code(Node.ROOT_KEY, "")).isEqualTo("NOT_FOUND");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\u0000",
        "kl_live_\\u200b",
        "\\uff4bl",
        "\\ufeffkl",
        "\\ud800",
        "a b",
        "a\\r\\n"
      })
  void aStringThatCannotBeAKeyIsMalformed(String text) {
    assertThat(code(text, "")).isEqualTo("MALFORMED");
  }

  @Test
  void stringsUpTo4096CharactersCouldBeKeys() {
    assertThat(code("x".repeat(4096), "")).isEqualTo("NOT_FOUND");
    assertThat(code("x".repeat(4097), "")).isEqualTo("MALFORMED");
  }

  @Test
  void anExpiryIsTheFirstInstantAtWhichTheKeyIsGoodNoLonger() {
    Node.Issued key = node.issue(USUAL.until(EXPIRY));
    node.now = EXPIRY.minusNanos(1);
    assertThat(code(key.secret(), "")).isEqualTo("VALID");
    node.now = EXPIRY;
    assertThat(code(key.secret(), "")).isEqualTo("EXPIRED");
  }

  @Test
  void permissionsThatLackAreNamed() {
    Node.Issued key = node.issue(USUAL);
    JsonNode answer =
        verified(
            key.secret(),
            ",\"permissions\":{\"allOf\":[\"read:users\",\"write:users\"],"
                + "\"anyOf\":[\"admin:users\",\"own:users\"]}");
    assertThat(answer.get("code").stringValue()).isEqualTo("INSUFFICIENT_PERMISSIONS");
    assertThat(answer.get("missingPermissions").toString())
        .isEqualTo("[\"write:users\",\"admin:users\",\"own:users\"]");
  }

  @Test
  void emptyListsAreNoCondition() {
    Node.Issued key = node.issue(USUAL);
    assertThat(code(key.secret(), ",\"permissions\":{\"anyOf\":[],\"allOf\":[]}"))
        .isEqualTo("VALID");
    assertThat(code(key.secret(), ",\"permissions\":{}")).isEqualTo("VALID");
  }

  @Test
  void aHundredPermissionsCanBeAskedFor() {
    Node.Issued key = node.issue(USUAL);
    String hundred =
        IntStream.range(0, 100)
            .mapToObj(i -> "\"read:thing" + i + "\"")
            .collect(Collectors.joining(","));
    assertThat(
            code(
                key.secret(),
                ",\"permissions\":{\"anyOf\":[%s],\"allOf\":[%s]}".formatted(hundred, hundred)))
        .isEqualTo("VALID");
  }

  @Test
  void testKeysAreGoodOnlyWhereTheyAreAskedFor() {
    Node.Issued key = node.issue(USUAL.of(Environment.TEST));
    assertThat(code(key.secret(), "")).isEqualTo("WRONG_ENVIRONMENT");
    assertThat(code(key.secret(), ",\"environment\":\"live\"")).isEqualTo("WRONG_ENVIRONMENT");
    assertThat(code(key.secret(), ",\"environment\":\"test\"")).isEqualTo("VALID");
    assertThat(code(key.secret(), ",\"environment\":\"any\"")).isEqualTo("VALID");
  }

  @Test
  void aKeyWithAnIpListNeedsAnAddressFromIt() {
    Node.Issued key = node.issue(USUAL.fromAddresses("203.0.113.0/24"));
    assertThat(code(key.secret(), "")).isEqualTo("IP_NOT_ALLOWED");
    assertThat(code(key.secret(), ",\"ip\":\"203.0.114.7\"")).isEqualTo("IP_NOT_ALLOWED");
    assertThat(code(key.secret(), ",\"ip\":\"203.0.113.7\"")).isEqualTo("VALID");
    assertThat(code(key.secret(), ",\"ip\":\"203.0.113.7:51234\"")).isEqualTo("VALID");
    assertThat(code(key.secret(), ",\"ip\":\"[::ffff:203.0.113.7]:443\"")).isEqualTo("VALID");
  }

  @Test
  void aRevokedKeyIsDecidedByItsRevocation() {
    Node.Issued key = node.issue(USUAL);
    long revoked = node.add(key.id(), new KeyRevoked(RevocationReason.LEAKED));
    JsonNode answer = verified(key.secret(), "");
    assertThat(answer.get("code").stringValue()).isEqualTo("REVOKED");
    assertThat(answer.get("decidedBy").get("type").stringValue()).isEqualTo("KeyRevoked");
    assertThat(answer.get("decidedBy").get("position").longValue()).isEqualTo(revoked);
    assertThat(answer.get("position").longValue()).isEqualTo(revoked);
  }

  @Test
  void theRootKeyNamesTheWorkspaceInTheCheck() {
    Node.Issued there = node.issue(USUAL.in("acme"));
    assertThat(code(there.secret(), "")).isEqualTo("NOT_FOUND");
    assertThat(code(there.secret(), ",\"workspace\":\"acme\"")).isEqualTo("VALID");
    for (String workspace : List.of("default", "acme")) {
      HttpAnswer answer =
          node.send(
              new SentRequest("POST", "/v1/verify")
                  .bearer(Node.NAMED)
                  .json("{\"key\":\"x\",\"workspace\":\"%s\"}".formatted(workspace)));
      assertThat(answer.status()).isEqualTo(workspace.equals("default") ? 200 : 403);
    }
  }

  @Test
  void anOpenOverlapIsShownWithEitherSecret() {
    Node.Issued key = node.issue(USUAL);
    String second = node.rotate(key, 2, EXPIRY);
    JsonNode old = verified(key.secret(), "");
    assertThat(old.get("generation").intValue()).isEqualTo(1);
    assertThat(old.get("currentGeneration").intValue()).isEqualTo(2);
    assertThat(old.get("overlapEndsAt").stringValue()).isEqualTo(EXPIRY.toString());
    assertThat(verified(second, "").get("generation").intValue()).isEqualTo(2);
    node.now = EXPIRY;
    assertThat(code(key.secret(), "")).isEqualTo("ROTATED_OUT");
    assertThat(verified(second, "").has("overlapEndsAt")).isFalse();
  }

  @Test
  void anExplanationListsEveryConditionWithWhatIsBehindIt() {
    Node.Issued key =
        node.issue(USUAL.of(Environment.TEST).fromAddresses("203.0.113.7").until(EXPIRY));
    String issued = "{\"type\":\"KeyIssued\",\"position\":1,\"time\":\"2026-03-01T00:00:01Z\"}";
    assertThat(explained(key, ",\"ip\":\"192.0.2.1\"").toString())
        .isEqualTo(
            """
            [{"code":"REVOKED","passed":true,"applies":true},\
            {"code":"ROTATED_OUT","passed":true,"applies":true,\
            "generation":1,"currentGeneration":1},\
            {"code":"SUSPENDED","passed":true,"applies":true},\
            {"code":"NOT_YET_ACTIVE","passed":true,"applies":false,"event":#},\
            {"code":"EXPIRED","passed":true,"applies":true,"event":#,\
            "expiresAt":"2026-03-20T00:00:00Z"},\
            {"code":"ISSUER_INVALID","passed":true,"applies":false},\
            {"code":"WRONG_ENVIRONMENT","passed":false,"applies":true,"event":#,\
            "required":["live"],"held":"test"},\
            {"code":"IP_NOT_ALLOWED","passed":false,"applies":true,"event":#,\
            "required":["203.0.113.7"],"held":"192.0.2.1"},\
            {"code":"INSUFFICIENT_PERMISSIONS","passed":true,"applies":false,"event":#,\
            "permissions":[]}]\
            """
                .replace("#", issued));
  }

  @Test
  void anExplanationNamesTheEventBehindEachOutcome() {
    Node.Issued key = node.issue(USUAL);
    node.add(key.id(), new KeySuspended());
    node.add(key.id(), new KeyResumed());
    node.add(key.id(), new KeyRenewed(EXPIRY, null, List.of()));
    node.rotate(key, 2, node.now);
    node.add(key.id(), new RestrictionsChanged(List.of()));
    node.add(key.id(), new KeyRevoked(RevocationReason.LEAKED));
    assertThat(
            explained(key, "")
                .valueStream()
                .map(condition ->
                    condition.get("code").stringValue()
                        + condition.get("passed")
                        + condition.path("event").path("type").asString("")
                        + condition.path("event").path("position").asString("")))
        .containsExactly(
            "REVOKEDfalseKeyRevoked7",
            "ROTATED_OUTfalseKeyRotated5",
            "SUSPENDEDtrueKeyResumed3",
            "NOT_YET_ACTIVEtrueKeyIssued1",
            "EXPIREDtrueKeyRenewed4",
            "ISSUER_INVALIDtrue",
            "WRONG_ENVIRONMENTtrueKeyIssued1",
            "IP_NOT_ALLOWEDtrueRestrictionsChanged6",
            "INSUFFICIENT_PERMISSIONStrueKeyIssued1");
    assertThat(explained(key, "").get(0).get("revocationReason").stringValue()).isEqualTo("leaked");
  }

  @Test
  void anExplanationNamesTheEventBehindEachPermission() {
    Node.Issued key = node.issue(USUAL.holding("read:a", "read:*", "read:b"));
    node.add(key.id(), new PermissionsChanged(List.of("write:a"), List.of("read:*")));
    node.add(key.id(), new PermissionsChanged(List.of(), List.of("read:b")));
    JsonNode permissions =
        explained(
                key,
                """
                ,"permissions":{"allOf":["read:a","read:b"],"anyOf":["write:a","drop:a","read:a"]}\
                """)
            .get(8)
            .get("permissions");
    assertThat(
            permissions
                .valueStream()
                .map(one ->
                    one.get("permission").stringValue()
                        + " "
                        + one.get("held")
                        + " "
                        + one.path("pattern").asString("")
                        + " "
                        + one.path("event").path("position").asString("")))
        .containsExactly(
            "read:a true read:a 1",
            "read:b false read:b 3",
            "write:a true write:a 2",
            "drop:a false  ");
  }

  @Test
  void eventsAfterTheDecisionAreNotInItsExplanation() {
    Node.Issued key = node.issue(USUAL);
    node.whileExplaining = () -> node.add(key.id(), new KeySuspended());
    JsonNode answer = verified(key.secret(), ",\"explain\":true");
    assertThat(answer.get("code").stringValue()).isEqualTo("VALID");
    assertThat(answer.get("conditions").get(2).toString())
        .isEqualTo("{\"code\":\"SUSPENDED\",\"passed\":true,\"applies\":true}");
  }

  @Test
  void oneOfABatchMayBeExplained() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer =
        node.send(
            new SentRequest("POST", "/v1/verify/batch")
                .bearer(Node.ROOT_KEY)
                .json(
                    """
                    {"checks":[{"key":"%1$s"},{"key":"%1$s","explain":true},\
                    {"key":"x","explain":true}]}\
                    """
                        .formatted(key.secret())));
    assertThat(Node.json(answer).get("results").valueStream().map(one -> one.has("conditions")))
        .containsExactly(false, true, false);
  }

  @Test
  void aCacheableAnswerHasAllConditions() {
    Node.Issued key = node.issue(USUAL.fromAddresses("203.0.113.0/24"));
    node.add(key.id(), new RevocationPlanned(EXPIRY, RevocationReason.SUPERSEDED));
    JsonNode answer = verified(key.secret(), ",\"cacheable\":true");
    assertThat(answer.get("ipAllowList").toString()).isEqualTo("[\"203.0.113.0/24\"]");
    assertThat(answer.get("planned").toString())
        .isEqualTo(
            """
            {"command":"revoke","effectiveAt":"2026-03-20T00:00:00Z",\
            "revocationReason":"superseded"}\
            """);
    assertThat(verified(key.secret(), ",\"cacheable\":false").propertyNames())
        .doesNotContain("ipAllowList", "notBefore", "planned");
    node.now = EXPIRY;
    JsonNode later = verified(key.secret(), ",\"cacheable\":true");
    assertThat(later.get("code").stringValue()).isEqualTo("REVOKED");
    assertThat(later.has("planned")).isFalse();
  }

  @Test
  void aCacheableAnswerHasNoConditionThatTheKeyHasNot() {
    Node.Issued key = node.issue(USUAL);
    JsonNode answer = verified(key.secret(), ",\"cacheable\":true");
    assertThat(answer.get("ipAllowList").toString()).isEqualTo("[]");
    assertThat(answer.propertyNames()).doesNotContain("notBefore", "planned");
    node.add(key.id(), new SuspensionPlanned(EXPIRY));
    assertThat(verified(key.secret(), ",\"cacheable\":true").get("planned").toString())
        .isEqualTo("{\"command\":\"suspend\",\"effectiveAt\":\"2026-03-20T00:00:00Z\"}");
    assertThat(verified(Node.unknownSecret(), ",\"cacheable\":true").propertyNames())
        .containsExactly("valid", "code", "position", "asOf");
  }

  @Test
  void oneOfABatchMayBeCacheable() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer =
        batch(
            List.of(
                check("x", ",\"cacheable\":true"),
                check(key.secret(), ",\"cacheable\":true"),
                check(key.secret(), "")));
    assertThat(Node.json(answer).get("results").valueStream().map(one -> one.has("ipAllowList")))
        .containsExactly(false, true, false);
  }

  private JsonNode explained(Node.Issued key, String more) {
    return verified(key.secret(), ",\"explain\":true" + more).get("conditions");
  }

  @Test
  void aBatchIsAnsweredInOrder() {
    Node.Issued good = node.issue(USUAL);
    Node.Issued test = node.issue(USUAL.of(Environment.TEST));
    HttpAnswer answer =
        batch(
            List.of(
                check(good.secret(), ""),
                check(Node.unknownSecret(), ""),
                check(test.secret(), ""),
                check(test.secret(), ",\"environment\":\"any\"")));
    assertThat(answer.status()).isEqualTo(200);
    JsonNode results = Node.json(answer).get("results");
    assertThat(results.valueStream().map(result -> result.get("code").stringValue()))
        .containsExactly("VALID", "NOT_FOUND", "WRONG_ENVIRONMENT", "VALID");
  }

  @Test
  void aFieldThatIsNullCountsAsAbsent() {
    Node.Issued key = node.issue(USUAL);
    for (String field :
        List.of("ip", "environment", "permissions", "explain", "cacheable", "maxAge")) {
      assertThat(code(key.secret(), ",\"" + field + "\":null")).as(field).isEqualTo("VALID");
    }
    String lists = ",\"permissions\":{\"anyOf\":null,\"allOf\":null}";
    assertThat(code(key.secret(), lists)).isEqualTo("VALID");
    assertThat(code(node.issue(USUAL.of(Environment.TEST)).secret(), ",\"environment\":null"))
        .isEqualTo("WRONG_ENVIRONMENT");
  }

  @Test
  void aByteOrderMarkIsSkipped() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer = node.verify("\ufeff" + check(key.secret(), ",\"explain\":true"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("VALID");
  }

  @Test
  void theErrorOfACheckInABatchIsItsResult() {
    Node.Issued key = node.issue(USUAL);
    String tooMany = String.join(",", Collections.nCopies(101, "\"read:users\""));
    List<String> bad =
        List.of(
            "{}",
            check(key.secret(), ",\"explain\":0"),
            check(key.secret(), ",\"unknown\":{\"a\":[{},[]]},\"ip\":\"x\""),
            check(key.secret(), ",\"permissions\":{\"anyOf\":[\"a:b\",[\"c\"],{}]},\"ip\":7"),
            check(key.secret(), ",\"permissions\":{\"allOf\":[" + tooMany + "]}"),
            check(key.secret(), ",\"maxAge\":\"PT61S\""),
            "null",
            "7",
            "\"x\"",
            "[]",
            "[[{}],[]]");
    var checks = new ArrayList<String>();
    for (String one : bad) {
      checks.add(one);
      checks.add(check(key.secret(), ",\"explain\":true"));
    }
    HttpAnswer answer = batch(checks);
    assertThat(answer.status()).isEqualTo(200);
    JsonNode results = Node.json(answer).get("results");
    assertThat(results.size()).isEqualTo(checks.size());
    for (int i = 0; i < bad.size(); i++) {
      JsonNode problem = results.get(2 * i).path("problem");
      assertThat(results.get(2 * i).size()).as(bad.get(i)).isEqualTo(1);
      assertThat(problem.path("status").asInt()).as(bad.get(i)).isIn(400, 422);
      assertThat(problem.path("requestId").asString())
          .isEqualTo(Node.header(answer, "Keyledger-Request-Id"));
      assertThat(results.get(2 * i + 1).path("code").asString()).isEqualTo("VALID");
      assertThat(results.get(2 * i + 1).path("conditions").isEmpty()).isFalse();
    }
    assertThat(results.get(0).at("/problem/errors/0/field").asString()).isEqualTo("key");
    assertThat(results.get(2).at("/problem/errors/0/field").asString()).isEqualTo("explain");
  }

  @Test
  void aBatchHoldsAHundredChecks() {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer =
        batch(IntStream.range(0, 100).mapToObj(_ -> check(key.secret(), "")).toList());
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Node.json(answer).get("results").size()).isEqualTo(100);
  }

  @Test
  void aBodyOf64KibibytesIsRead() {
    String check = check("x", "");
    String padded = check + " ".repeat(64 * 1024 - check.length());
    assertThat(node.verify(padded).status()).isEqualTo(200);
  }

  @Test
  void anOperatorWhoHoldsVerifyMayAsk() {
    Node.Issued key = node.issue(USUAL);
    var request = new SentRequest("POST", "/v1/verify").bearer(Node.OPERATOR);
    assertThat(node.send(request.json(check(key.secret(), ""))).status()).isEqualTo(200);
  }

  @Test
  void aPositionThatWasReachedIsNotWaitedFor() {
    Node.Issued key = node.issue(USUAL);
    var request =
        new SentRequest("POST", "/v1/verify")
            .bearer(Node.ROOT_KEY)
            .with("Keyledger-At-Least", node.tokens.issue(1))
            .with("Keyledger-Wait", "PT10S");
    assertThat(node.send(request.json(check(key.secret(), ""))).status()).isEqualTo(200);
    assertThat(node.lastWait).isEqualTo(Duration.ZERO);
  }

  @Test
  void theMediaTypeMayHaveParameters() {
    var request =
        new SentRequest("POST", "/v1/verify")
            .bearer(Node.ROOT_KEY)
            .with("Content-Type", "Application/JSON; charset=utf-8")
            .body("{\"key\":\"x\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(node.send(request).status()).isEqualTo(200);
  }

  private HttpAnswer batch(List<String> checks) {
    return node.send(
        new SentRequest("POST", "/v1/verify/batch")
            .bearer(Node.ROOT_KEY)
            .json("{\"checks\":[" + String.join(",", checks) + "]}"));
  }

  private static String check(String key, String more) {
    return "{\"key\":\"" + key + "\"" + more + "}";
  }

  private JsonNode verified(String key, String more) {
    HttpAnswer answer = node.verify(check(key, more));
    assertThat(answer.status()).isEqualTo(200);
    return Node.json(answer);
  }

  private String code(String key, String more) {
    return verified(key, more).get("code").stringValue();
  }
}
