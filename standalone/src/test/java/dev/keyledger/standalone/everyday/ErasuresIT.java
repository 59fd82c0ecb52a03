package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Erasures: reasons, addresses and user agents disappear from everywhere on request, and nothing
 * else.
 */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class ErasuresIT {
  private static final String PATH = "/v1/erasures";
  private static final String UNKNOWN = "key_00000000000000000000000000";
  private static final String NOTHING = "{\"erased\":0,\"more\":false}";

  @Test
  void theContextsOfAnActorAreErasedEverywhere(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    IssuedKey operator = new Issuer(root).issued("keyledger:*", "keyledger:grant:*");
    IssuedKey other = new Issuer(root).issued("keyledger:*", "keyledger:grant:*");
    var acting = new Issuer(keyledger.client().bearer(operator.secret()));
    IssuedKey key = acting.issuedWith("\"reason\": \"for Ann, room 12\"", "read:users");
    acting.done(key, "suspend", "{\"reason\": \"Ann is ill\"}");
    new Issuer(keyledger.client().bearer(other.secret())).done(key, "resume", because("well"));
    JsonNode before = acting.read(key);

    Answer erased =
        root.post(PATH, erase("actor", "operator:" + operator.id(), "Request 2027-114"));
    assertThat(erased.status()).as(erased.text()).isEqualTo(200);
    assertThat(erased.text()).isEqualTo("{\"erased\":2,\"more\":false}");
    assertThat(erased.header("ETag")).isEmpty();

    List<JsonNode> history = list(acting.history(key));
    assertThat(history).hasSize(3);
    history.subList(0, 2).forEach(ErasuresIT::assertErased);
    assertKept(history.get(2), "well");
    for (JsonNode entry : history) {
      assertThat(entry.path("requestId").asString()).startsWith("req_");
      assertThat(entry.at("/actor/id").asString()).isIn(operator.id(), other.id());
    }
    assertThat(acting.read(key)).as("the key is as it was").isEqualTo(before);
    Client after = root.header("Keyledger-At-Least", erased.header("Keyledger-Position"));
    assertThat(erasedIn(list(after.get("/v1/audit?limit=200").body().path("data")))).hasSize(2);
    assertThat(
            erasedIn(list(after.get("/v1/keys/" + operator.id() + "/touched").body().path("data"))))
        .hasSize(2);
    assertThat(after.get("/v1/audit/export").text())
        .contains("\"erased\":true")
        .doesNotContain("room 12", "is ill");

    acting.done(key, "suspend", because("again"));
    assertKept(list(acting.history(key)).getLast(), "again");
  }

  @Test
  void anErasureIsRecordedAndItsOwnContextStays(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    IssuedKey key = new Issuer(root).issued("read:users");

    Answer ofKey = root.post(PATH, erase("keyId", key.id(), "asked for"));
    assertThat(ofKey.text()).isEqualTo("{\"erased\":1,\"more\":false}");
    Answer ofRoot = root.post(PATH, erase("actor", "root", "and the rest"));
    assertThat(ofRoot.text())
        .as("the opening, and no erasure")
        .isEqualTo("{\"erased\":1,\"more\":false}");
    assertThat(root.post(PATH, erase("actor", "root", "once more")).text()).isEqualTo(NOTHING);

    Client after = root.header("Keyledger-At-Least", ofRoot.header("Keyledger-Position"));
    List<JsonNode> told = list(after.get("/v1/audit?type=ContextErased").body().path("data"));
    assertThat(told).hasSize(2);
    assertKept(told.get(0), "and the rest");
    assertThat(told.get(0).path("data").toString())
        .isEqualTo("{\"actor\":{\"type\":\"root\"},\"events\":1}");
    assertKept(told.get(1), "asked for");
    assertThat(told.get(1).path("data").toString())
        .isEqualTo("{\"keyId\":\"%s\",\"events\":1}".formatted(key.id()));
    assertThat(told.get(1).has("keyId")).isFalse();
    assertThat(told).allSatisfy(entry -> assertThat(entry.path("ip").asString()).isNotEmpty());
  }

  @Test
  void theContextsOnAKeyAreErasedForEveryActor(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    var issuer = new Issuer(root);
    IssuedKey key = issuer.issued("read:users");
    IssuedKey other = issuer.issued("read:users");
    keyledger.client().post("/v1/leaks", "{\"secret\": \"%s\"}".formatted(key.secret()));
    IssuedKey eraser = issuer.issued("keyledger:erase");

    Client operator = keyledger.client().bearer(eraser.secret());
    Answer erased = operator.post(PATH, erase("keyId", key.id(), "asked for"));

    assertThat(erased.text()).isEqualTo("{\"erased\":3,\"more\":false}");
    assertThat(list(issuer.history(key))).hasSize(3).allSatisfy(ErasuresIT::assertErased);
    assertThat(erasedIn(list(issuer.history(other)))).isEmpty();
    assertThat(operator.post(PATH, erase("keyId", key.id(), "again")).text()).isEqualTo(NOTHING);
  }

  @Test
  void anErasureStaysInItsWorkspace(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    IssuedKey key = new Issuer(root).issued("read:users");
    Client elsewhere = inNewWorkspace(keyledger);
    IssuedKey eraser = new Issuer(elsewhere).issued("keyledger:erase");
    Client operator = keyledger.client().bearer(eraser.secret());

    for (Client foreign : List.of(elsewhere, operator)) {
      assertProblem(foreign.post(PATH, erase("keyId", key.id(), "x")), 404, "not-found");
    }
    assertThat(operator.post(PATH, erase("actor", "root", "x")).body().path("erased").asInt())
        .as("the opening and the issue of this workspace")
        .isEqualTo(2);
    assertThat(erasedIn(list(new Issuer(root).history(key)))).isEmpty();
    IssuedKey reader = new Issuer(elsewhere).issued("keyledger:audit:read", "keyledger:keys:*");
    assertProblem(
        keyledger.client().bearer(reader.secret()).post(PATH, erase("actor", "root", "x")),
        403,
        "forbidden");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                   | 422 | actor
          {"reason": "why"}                                    | 422 | actor
          {"actor": "root", "keyId": "KEY"}                    | 422 | actor
          {"actor": null, "keyId": null}                       | 422 | actor
          {"actor": ""}                                        | 422 | actor
          {"actor": "operator"}                                | 422 | actor
          {"actor": "operator:"}                               | 422 | actor
          {"actor": "root:1"}                                  | 422 | actor
          {"actor": "user:1"}                                  | 422 | actor
          {"actor": "holder:a b"}                              | 422 | actor
          {"actor": "holder:\\u0000"}                          | 422 | actor
          {"actor": 1}                                         | 400 | actor
          {"keyId": ["KEY"]}                                   | 400 | keyId
          {"keyId": "KEY", "events": 1}                        | 400 | events
          """)
  void anInvalidFieldIsReported(String body, int status, String field, KeyledgerProcess keyledger) {
    IssuedKey key = keyledger.issuer().issued("read:users");
    Answer answer = keyledger.root().post(PATH, body.replace("KEY", key.id()));
    String code = status == 400 ? "bad-request" : "invalid-field";
    assertWrongField(answer, status, code, field);
    assertThat(erasedIn(list(keyledger.issuer().history(key)))).isEmpty();
  }

  @Test
  void theReasonHasItsLimitAndAnUnknownKeyHasPrecedence(KeyledgerProcess keyledger) {
    IssuedKey key = keyledger.issuer().issued("read:users");
    Client root = keyledger.root();
    assertWrongField(
        root.post(PATH, erase("keyId", key.id(), "r".repeat(501))), 422, "invalid-field", "reason");
    assertProblem(root.post(PATH, erase("keyId", UNKNOWN, "r".repeat(501))), 404, "not-found");
    assertProblem(root.post(PATH, erase("keyId", "key_1", "x")), 404, "not-found");
    assertProblem(
        root.header("If-Match", "\"1\"").post(PATH, erase("keyId", key.id(), "x")),
        400,
        "bad-request");
    assertProblem(root.get(PATH), 405, "method-not-allowed");
    assertThat(root.post(PATH, erase("keyId", key.id(), "r".repeat(500))).status()).isEqualTo(200);
  }

  @Test
  void anActorWithoutEventsLeavesNoTrace(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    for (String actor : List.of("operator:" + UNKNOWN, "holder:nobody", "system", "anonymous")) {
      Answer answer = root.post(PATH, erase("actor", actor, "x"));
      assertThat(answer.text()).isEqualTo(NOTHING);
    }
    IssuedKey last = new Issuer(root).issued("read:users");
    Client after = root.header("Keyledger-At-Least", last.answer().header("Keyledger-Position"));
    assertThat(after.get("/v1/audit").body().path("data").valueStream())
        .extracting(entry -> entry.path("type").asString())
        .containsExactly("KeyIssued", "WorkspaceOpened");
  }

  @Test
  void aRepeatedRequestIsAnsweredAsTheFirst(KeyledgerProcess keyledger) {
    IssuedKey key = keyledger.issuer().issued("read:users");
    Client once = keyledger.root().header("Idempotency-Key", "erasure-of-" + key.id());
    String body = erase("keyId", key.id(), "asked for");

    Answer first = once.post(PATH, body);
    keyledger.issuer().done(key, "suspend", because("later"));
    Answer again = once.post(PATH, body);

    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(again.text()).isEqualTo(first.text()).isEqualTo("{\"erased\":1,\"more\":false}");
    assertThat(again.header("Keyledger-Position")).isEqualTo(first.header("Keyledger-Position"));
    assertKept(list(keyledger.issuer().history(key)).getLast(), "later");
    assertProblem(
        once.post(PATH, erase("keyId", key.id(), "other")), 422, "idempotency-key-reused");
  }

  @Test
  void eachEventCountsOnceHoweverManyAsk(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    var issuer = new Issuer(root);
    IssuedKey key = issuer.issued("read:users");
    for (int i = 0; i < 30; i++) {
      issuer.done(key, i % 2 == 0 ? "suspend" : "resume", because("round " + i));
    }
    List<Answer> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Answer>> all =
          IntStream.range(0, 8)
              .mapToObj(i ->
                  CompletableFuture.supplyAsync(
                      () ->
                          root.post(
                              PATH,
                              i % 2 == 0
                                  ? erase("keyId", key.id(), "x")
                                  : erase("actor", "root", "x")),
                      threads))
              .toList();
      all.forEach(one -> answers.add(one.join()));
    }

    assertThat(answers).allSatisfy(one -> assertThat(one.status()).as(one.text()).isEqualTo(200));
    assertThat(answers.stream().mapToInt(one -> one.body().path("erased").asInt()).sum())
        .as("31 of the key, and the opening of the workspace")
        .isEqualTo(32);
    assertThat(erasedIn(list(issuer.history(key)))).hasSize(31);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(
                    list(root.get("/v1/audit?type=ContextErased").body().path("data")).stream()
                        .mapToInt(entry -> entry.at("/data/events").asInt())
                        .sum())
                .isEqualTo(32));
  }

  @Test
  void aClosedWorkspaceCanBeErasedToo(KeyledgerProcess keyledger) {
    Client root = inNewWorkspace(keyledger);
    IssuedKey key = new Issuer(root).issued("read:users");
    String name = root.headers().get("Keyledger-Workspace");
    assertThat(keyledger.root().post("/v1/workspaces/" + name + "/close", "{}").status())
        .isEqualTo(200);

    assertThat(root.post(PATH, erase("keyId", key.id(), "asked for")).text())
        .isEqualTo("{\"erased\":1,\"more\":false}");
    assertThat(root.post(PATH, erase("actor", "root", "asked for")).text())
        .as("opened and closed")
        .isEqualTo("{\"erased\":2,\"more\":false}");
    assertErased(list(new Issuer(root).history(key)).getFirst());
    JsonNode workspace = keyledger.root().get("/v1/workspaces/" + name).body();
    assertThat(workspace.path("status").asString()).isEqualTo("closed");
  }

  private static Client inNewWorkspace(KeyledgerProcess keyledger) {
    String name = "erasures-" + new SplittableRandom().nextInt(Integer.MAX_VALUE);
    Answer opened =
        keyledger.root().post("/v1/workspaces", "{\"workspace\": \"%s\"}".formatted(name));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    return keyledger.root().header("Keyledger-Workspace", name);
  }

  private static String erase(String of, String value, String reason) {
    return JsonMapper.shared().createObjectNode().put(of, value).put("reason", reason).toString();
  }

  private static String because(String reason) {
    return "{\"reason\": \"%s\"}".formatted(reason);
  }

  private static List<JsonNode> list(JsonNode array) {
    assertThat(array.isArray()).as(array.toString()).isTrue();
    return array.valueStream().toList();
  }

  private static List<JsonNode> erasedIn(List<JsonNode> entries) {
    Stream<JsonNode> erased = entries.stream().filter(entry -> entry.has("erased"));
    return erased.peek(ErasuresIT::assertErased).toList();
  }

  private static void assertErased(JsonNode entry) {
    assertThat(entry.path("erased").asBoolean()).as(entry.toString()).isTrue();
    for (String field : List.of("reason", "ip", "userAgent")) {
      assertThat(entry.has(field)).as(entry.toString()).isFalse();
    }
  }

  private static void assertKept(JsonNode entry, String reason) {
    assertThat(entry.has("erased")).as(entry.toString()).isFalse();
    assertThat(entry.path("reason").asString()).isEqualTo(reason);
    assertThat(entry.path("ip").asString()).isEqualTo("127.0.0.1");
  }
}
