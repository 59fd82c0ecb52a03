package dev.keyledger.client;

import static dev.keyledger.client.Samples.KEY_ID;
import static dev.keyledger.client.Samples.SECRET;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keyledger.client.FakeService.Answer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyledgerTest {
  private static final String CREDENTIAL = "kl_live_credential-of-an-operator";
  private static final NewKey NEW_KEY =
      NewKey.of("Nightly export", Owner.service("billing.export"))
          .permissions("read:invoices")
          .lifetime(Duration.ofDays(90));

  private final FakeService service = new FakeService();
  private final Keyledger keyledger =
      Keyledger.builder(service.url(), CREDENTIAL).workspace("acme").build();

  @AfterEach
  void close() {
    keyledger.close();
    service.close();
  }

  @Test
  void issuesAKey() {
    service.answers = request -> new Answer(201, "application/json", Samples.ISSUED, Map.of());
    IssuedKey issued = keyledger.with(CallOptions.because("first")).keys().issue(NEW_KEY);

    FakeService.Request request = service.request();
    assertThat(request.method() + " " + request.target()).isEqualTo("POST /v1/keys");
    assertThat(request.header("Authorization")).isEqualTo("Bearer " + CREDENTIAL);
    assertThat(request.header("Keyledger-Workspace")).isEqualTo("acme");
    assertThat(request.header("Idempotency-Key")).hasSize(36);
    assertThat(request.fields().text("lifetime")).isEqualTo("PT2160H");
    assertThat(request.fields().text("reason")).isEqualTo("first");
    assertThat(issued.revealSecret()).isEqualTo(SECRET);
    assertThat(issued.key().keyId()).isEqualTo(KEY_ID);
    assertThat(issued.key().owner()).isEqualTo(Owner.service("billing.export"));
    assertThat(issued.key().status()).isEqualTo(Key.Status.ACTIVE);
    assertThat(issued.key().metadata()).containsExactly(Map.entry("cost-centre", "4711"));
    assertThat(issued.key().planned())
        .isEqualTo(
            new Key.Planned(
                true, Instant.parse("2027-03-01T00:00:00Z"), RevocationReason.SUPERSEDED));
  }

  @Test
  void encodesWhatIsInPathsAndQueries() {
    service.answers = request -> Answer.json("{\"data\":[]}");
    keyledger
        .keys()
        .list(
            KeyFilter.all()
                .owner(Owner.user("a+b c"), Owner.app("x"))
                .status(Key.Status.NOT_YET_ACTIVE)
                .limit(7));
    assertThat(service.request().target())
        .isEqualTo("/v1/keys?owner=user%3Aa%2Bb%20c&owner=app%3Ax&status=not-yet-active&limit=7");
  }

  @Test
  void readsPagesWhenTheyAreNeeded() {
    service.answers =
        request ->
            request.target().contains("cursor=2")
                ? Answer.json("{\"data\":[" + Samples.KEY + "]}")
                : Answer.json("{\"data\":[" + Samples.KEY + "],\"nextCursor\":\"2\"}");
    assertThat(keyledger.keys().all(KeyFilter.all().limit(1))).hasSize(2);
    assertThat(service.requests).hasSize(2);
    assertThat(service.requests.get(1).target()).isEqualTo("/v1/keys?limit=1&cursor=2");
  }

  @Test
  void aLostConnectionIsTriedAgainAsTheSameCommand() {
    service.answers =
        request -> service.requests.size() == 1 ? Answer.LOST : Answer.json(Samples.KEY);
    keyledger.keys().suspend(KEY_ID);
    assertThat(service.requests).hasSize(2);
    assertThat(service.requests.get(1).header("Idempotency-Key"))
        .isEqualTo(service.requests.get(0).header("Idempotency-Key"));
  }

  @Test
  void eachCommandHasAnIdempotencyKeyOfItsOwn() {
    service.answers = request -> Answer.json(Samples.KEY);
    keyledger.keys().suspend(KEY_ID);
    keyledger.keys().suspend(KEY_ID);
    assertThat(service.requests.get(1).header("Idempotency-Key"))
        .isNotEqualTo(service.requests.get(0).header("Idempotency-Key"));
  }

  @Test
  void aCommandThatMayHaveBeenDoneSaysSo() {
    service.answers = request -> Answer.LOST;
    var unknown =
        requireNonNull(
            catchThrowableOfType(
                KeyledgerException.OutcomeUnknown.class, () -> keyledger.keys().issue(NEW_KEY)));
    assertThat(service.requests).hasSize(2);
    assertThat(unknown.idempotencyKey())
        .isEqualTo(service.requests.get(0).header("Idempotency-Key"));

    service.answers = request -> Answer.json(Samples.ISSUED);
    var again = CallOptions.none().idempotencyKey(unknown.idempotencyKey());
    keyledger.with(again).keys().issue(NEW_KEY);
    assertThat(service.requests.get(2).header("Idempotency-Key"))
        .isEqualTo(unknown.idempotencyKey());
    assertThat(service.requests.get(2).body()).isEqualTo(service.requests.get(0).body());
  }

  @Test
  void aReadThatIsLostTwiceIsUnavailable() {
    service.answers = request -> Answer.LOST;
    assertThatThrownBy(() -> keyledger.keys().get(KEY_ID))
        .isInstanceOf(KeyledgerException.Unavailable.class);
    assertThatThrownBy(() -> keyledger.checks().permits(SECRET))
        .isInstanceOf(KeyledgerException.Unavailable.class);
  }

  @Test
  void aCommandThatWasNeverSentIsUnavailable() {
    service.close();
    assertThatThrownBy(() -> keyledger.keys().issue(NEW_KEY))
        .isInstanceOf(KeyledgerException.Unavailable.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504})
  void waitsAsLongAsTheServiceSaysAndTriesOnceMore(int status) {
    service.answers =
        request ->
            service.requests.size() == 1
                ? Answer.problem(status, "stale").with("Retry-After", "0")
                : Answer.json(Samples.KEY);
    assertThat(keyledger.keys().get(KEY_ID).keyId()).isEqualTo(KEY_ID);
    assertThat(service.requests).hasSize(2);
  }

  @Test
  void aWaitBeyondTheDeadlineIsNotBegun() {
    service.answers = request -> Answer.problem(429, "rate-limited").with("Retry-After", "11");
    var limited =
        requireNonNull(
            catchThrowableOfType(
                KeyledgerException.RateLimited.class, () -> keyledger.keys().get(KEY_ID)));
    assertThat(limited.retryAfter()).isEqualTo(Duration.ofSeconds(11));
    assertThat(service.requests).hasSize(1);
  }

  @Test
  void theSameCommandThatIsStillRunningIsAskedForAgain() {
    service.answers =
        request ->
            service.requests.size() == 1
                ? Answer.problem(409, "idempotency-in-flight")
                : Answer.json(Samples.KEY);
    assertThat(keyledger.keys().suspend(KEY_ID).keyId()).isEqualTo(KEY_ID);
  }

  @Test
  void aCallEndsAtItsDeadline() {
    var ends = new CountDownLatch(1);
    service.answers =
        request -> {
          await(ends);
          return Answer.LOST;
        };
    Keyledger hasty = keyledger.with(CallOptions.none().deadline(Duration.ofMillis(50)));
    assertThatThrownBy(() -> hasty.keys().get(KEY_ID))
        .isInstanceOf(KeyledgerException.Unavailable.class);
    assertThatThrownBy(() -> hasty.keys().suspend(KEY_ID))
        .isInstanceOf(KeyledgerException.OutcomeUnknown.class);
    ends.countDown();
  }

  @ParameterizedTest
  @CsvSource({
    "400, bad-request, Invalid",
    "401, unauthorized, Unauthorized",
    "403, permission-ceiling, Forbidden",
    "404, not-found, NotFound",
    "409, key-revoked, Conflict",
    "412, version-mismatch, Conflict",
    "413, too-large, Invalid",
    "422, lifetime-not-allowed, Invalid",
    "429, rate-limited, RateLimited",
    "500, internal-error, Unexpected",
    "503, store-unavailable, Unavailable",
    "503, outcome-unknown, OutcomeUnknown",
  })
  void aProblemHasOneTypeAndItsCode(int status, String code, String type) {
    service.answers = request -> Answer.problem(status, code).with("Retry-After", "0");
    var problem =
        requireNonNull(
            catchThrowableOfType(KeyledgerException.class, () -> keyledger.keys().suspend(KEY_ID)));
    assertThat(problem.getClass().getSimpleName()).isEqualTo(type);
    assertThat(problem).hasMessageContaining(code).hasMessageContaining("req_1");
    if (status != 500) {
      assertThat(Fields.textOf(problem.code())).isEqualTo(code);
      assertThat(problem.problem().orElseThrow().errors())
          .containsExactly(new Problem.InvalidField("f", "m"));
    }
  }

  @Test
  void aCodeOfANewerServiceIsTolerated() {
    service.answers = request -> Answer.problem(409, "something-new");
    assertThatThrownBy(() -> keyledger.keys().suspend(KEY_ID))
        .isInstanceOf(KeyledgerException.Conflict.class)
        .hasMessageContaining("something-new")
        .extracting(thrown -> ((KeyledgerException) thrown).code())
        .isEqualTo(ProblemCode.OTHER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "<html>", "[]", "{}", "{\"keyId\":7}", "{\"keyId\":\"x\",\"name\":\"y\"}"})
  void anAnswerOfSomebodyElseIsUnexpected(String body) {
    service.answers = request -> Answer.json(body);
    assertThatThrownBy(() -> keyledger.keys().get(KEY_ID))
        .isInstanceOf(KeyledgerException.Unexpected.class);
  }

  @Test
  void aProxyThatCannotReachTheServiceIsUnavailable() {
    service.answers = request -> new Answer(502, "text/html", "<html>", Map.of());
    assertThatThrownBy(() -> keyledger.keys().get(KEY_ID))
        .isInstanceOf(KeyledgerException.Unavailable.class);
    assertThatThrownBy(() -> keyledger.keys().suspend(KEY_ID))
        .isInstanceOf(KeyledgerException.OutcomeUnknown.class);
  }

  @Test
  void readsTakeTheClientsOwnCommandsIntoAccount() {
    service.answers = request -> Answer.json(Samples.KEY).with("Keyledger-Position", "token-1");
    keyledger.keys().get(KEY_ID);
    keyledger.keys().suspend(KEY_ID);
    keyledger.keys().get(KEY_ID);
    keyledger.keys().resume(KEY_ID);
    keyledger.with(CallOptions.none().atLeast("token-2")).keys().get(KEY_ID);
    assertThat(service.requests.stream().map(request -> request.header("Keyledger-At-Least")))
        .containsExactly(null, null, "token-1", null, "token-2");
    assertThat(keyledger.position()).contains("token-1");
  }

  @Test
  void aTokenFromBeforeARestoreIsForgotten() {
    service.answers = request -> Answer.json(Samples.KEY).with("Keyledger-Position", "token-1");
    keyledger.keys().suspend(KEY_ID);
    service.answers =
        request ->
            request.header("Keyledger-At-Least") == null
                ? Answer.json(Samples.KEY)
                : Answer.problem(400, "invalid-position-token");
    assertThat(keyledger.keys().get(KEY_ID).keyId()).isEqualTo(KEY_ID);
    assertThat(keyledger.position()).isEmpty();
    assertThatThrownBy(
            () -> keyledger.with(CallOptions.none().atLeast("token-1")).keys().get(KEY_ID))
        .isInstanceOf(KeyledgerException.Invalid.class);
  }

  @Test
  void aCommandMayWaitForEveryNode() {
    service.answers =
        request ->
            new Answer(
                202,
                "application/json",
                Samples.KEY.replace(
                    "\"version\":1",
                    """
                    "version":1,"notAppliedBy":[{"node":"n","instance":"i","applied":false,\
                    "position":3,"strict":true,"leaseUntil":"2027-02-01T12:00:07Z"}]\
                    """),
                Map.of());
    Keyledger waiting =
        keyledger.with(CallOptions.none().waitUntilApplied(Duration.ofSeconds(5)).ifVersion(3));
    Key revoked = waiting.keys().revoke(KEY_ID, RevocationReason.OWNER_LEFT);
    FakeService.Request request = service.request();
    assertThat(request.target()).isEqualTo("/v1/keys/" + KEY_ID + "/revoke?wait=applied");
    assertThat(request.header("Keyledger-Wait")).isEqualTo("PT5S");
    assertThat(request.header("If-Match")).isEqualTo("\"3\"");
    assertThat(request.fields().text("revocationReason")).isEqualTo("owner-left");
    assertThat(revoked.notAppliedBy()).extracting(Node::node).containsExactly("n");
  }

  @Test
  void aBatchHasADecisionOrAProblemForEachCheck() {
    service.answers =
        request ->
            Answer.json(
                """
                {"results":[{"valid":false,"code":"NOT_FOUND","position":42,\
                "asOf":"2027-02-01T12:00:00Z"},{"problem":{"type":"/problems/invalid-field",\
                "title":"T","status":422,"detail":"D","code":"invalid-field"}}]}\
                """);
    List<CheckResult> results =
        keyledger.checks().verifyAll(List.of(Check.of("a").anyOf("read:x"), Check.of("")));
    assertThat(service.request().body())
        .startsWith("{\"checks\":[{\"key\":\"a\",\"permissions\":{")
        .endsWith("},{\"key\":\"\"}]}");
    assertThat(((Decision) results.get(0)).code()).isEqualTo(DecisionCode.NOT_FOUND);
    assertThat(((Problem) results.get(1)).code()).isEqualTo(ProblemCode.INVALID_FIELD);
  }

  @Test
  void anExportIsReadLineByLine() {
    service.answers = request -> new Answer(200, "application/x-ndjson", "{}\n{}\n", Map.of());
    try (var lines = keyledger.audit().export(17)) {
      assertThat(lines).containsExactly("{}", "{}");
    }
    assertThat(service.request().target()).isEqualTo("/v1/audit/export?after=17");
    service.answers = request -> Answer.problem(429, "rate-limited");
    assertThatThrownBy(() -> keyledger.audit().export(0))
        .isInstanceOf(KeyledgerException.RateLimited.class);
  }

  @Test
  void aWebhookShowsItsSecretOnceAndReceivesTheChosenEvents() {
    String webhook =
        "\"webhookId\":\"hook_1\",\"kind\":\"http\",\"enabled\":true,"
            + "\"createdAt\":\"2027-02-01T12:00:00Z\"";
    service.answers = request -> Answer.json("{" + webhook + ",\"secret\":\"whsec_1\"}");
    Webhooks.SignedWebhook created =
        keyledger
            .webhooks()
            .create(NewWebhook.to("https://a").types("KeyRevoked").owner(Owner.user("7")));
    assertThat(service.request().body())
        .startsWith("{\"url\":\"https://a\",\"types\":[\"KeyRevoked\"],\"owner\":{")
        .contains("\"id\":\"7\"");
    assertThat(created.secret().orElseThrow().reveal()).isEqualTo("whsec_1");
    assertThat(created.toString()).doesNotContain("whsec_1");

    service.answers = request -> new Answer(204, "text/plain", "", Map.of());
    keyledger.webhooks().delete("hook_1");
    assertThat(service.requests.get(1).method()).isEqualTo("DELETE");
    assertThat(service.requests.get(1).target()).isEqualTo("/v1/webhooks/hook_1");
  }

  @Test
  void aDeliveryIsShownAndRepeated() {
    String delivery =
        "{\"deliveryId\":\"dlv_1\",\"type\":\"WebhookTest\",\"status\":\"dead\",\"attempts\":9,"
            + "\"responseStatus\":500,\"createdAt\":\"2027-02-01T12:00:00Z\"}";
    service.answers = request -> Answer.json("{\"data\":[" + delivery + "]}");
    assertThat(keyledger.webhooks().deliveries("hook_1", "dead"))
        .singleElement()
        .satisfies(dead -> {
          assertThat(dead.position()).isNull();
          assertThat(dead.attempts()).isEqualTo(9);
          assertThat(dead.responseStatus()).isEqualTo(500L);
        });
    assertThat(service.request().target()).isEqualTo("/v1/webhooks/hook_1/deliveries?status=dead");

    service.answers = request -> Answer.json(delivery);
    assertThat(keyledger.webhooks().redeliver("hook_1", "dlv_1").deliveryId()).isEqualTo("dlv_1");
    assertThat(service.requests.get(1).method()).isEqualTo("POST");
    assertThat(service.requests.get(1).target())
        .isEqualTo("/v1/webhooks/hook_1/deliveries/dlv_1/redeliver");
  }

  @Test
  void theFeedHasEventsUntilTheServiceEndsIt() {
    CompletableFuture<Void> told =
        CompletableFuture.runAsync(() -> {
          Awaitility.await().until(() -> !service.feeds.isEmpty());
          FakeService.Feed feed = service.feeds.get(0);
          feed.heartbeat(6, FakeService.START);
          feed.event(7, "KeyRevoked", KEY_ID);
          feed.event(8, "PolicyChanged", null);
          feed.end("node-stops");
        });
    var read = new ArrayList<Feed.Event>();
    try (var events = keyledger.feed().follow("token-5", "KeyRevoked", "PolicyChanged")) {
      assertThatThrownBy(() -> events.forEach(read::add))
          .isInstanceOf(KeyledgerException.Unavailable.class)
          .hasMessageEndingWith("node-stops");
    }
    told.join();
    assertThat(read)
        .containsExactly(
            new Feed.Event("token-7", 7, FakeService.START, "KeyRevoked", KEY_ID),
            new Feed.Event("token-8", 8, FakeService.START, "PolicyChanged", null));
    FakeService.Request request = service.feeds.get(0).request;
    assertThat(request.target()).isEqualTo("/v1/feed?type=KeyRevoked&type=PolicyChanged");
    assertThat(request.header("Last-Event-ID")).isEqualTo("token-5");
  }

  @Test
  void secretsAreNeverShown() {
    service.answers = request -> Answer.json(Samples.ISSUED);
    IssuedKey issued = keyledger.keys().issue(NEW_KEY);
    assertThat(issued.toString() + keyledger + Check.of(SECRET) + Secret.of(SECRET))
        .doesNotContain(SECRET)
        .doesNotContain(CREDENTIAL);
    service.close();
    assertThatThrownBy(() -> keyledger.checks().permits(SECRET))
        .satisfies(thrown -> assertThat(trace(thrown)).doesNotContain(SECRET, CREDENTIAL));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Keyledger.builder(service.url(), "a\nb"))
        .withMessageNotContaining("a\nb");
    assertThat(Secret.of(SECRET)).isEqualTo(Secret.of(SECRET)).isNotEqualTo(Secret.of("x"));
  }

  @Test
  void aCredentialIsVisibleAscii() {
    assertThat(Keyledger.builder(service.url(), "~".repeat(4096))).isNotNull();
    for (String credential : List.of("", "~".repeat(4097), "a b", "\u00e9")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Keyledger.builder(service.url(), credential));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost:8080", "ftp://a", "http://", "http://a?b=c", "file:/x"})
  void aUrlIsOneOfHttp(String url) {
    assertThatIllegalArgumentException().isThrownBy(() -> Keyledger.builder(url, CREDENTIAL));
  }

  @Test
  void aCheckRequiresUpToAHundredLiteralPermissions() {
    String[] hundred = new String[100];
    Arrays.fill(hundred, "read:users");
    assertThat(Check.of("x").anyOf(hundred).requiredAny()).hasSize(100);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Check.of("x").allOf(Arrays.copyOf(hundred, 101)));
    assertThatIllegalArgumentException().isThrownBy(() -> Check.of("x").allOf("read:*"));
    assertThatIllegalArgumentException().isThrownBy(() -> Check.of("x").ip("localhost"));
  }

  private static String trace(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
