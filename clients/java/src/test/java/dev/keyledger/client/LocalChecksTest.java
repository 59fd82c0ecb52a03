package dev.keyledger.client;

import static dev.keyledger.client.Decision.Source.LOCAL;
import static dev.keyledger.client.Decision.Source.LOCAL_CUT_OFF;
import static dev.keyledger.client.Decision.Source.SERVICE;
import static dev.keyledger.client.DecisionCode.EXPIRED;
import static dev.keyledger.client.DecisionCode.INSUFFICIENT_PERMISSIONS;
import static dev.keyledger.client.DecisionCode.IP_NOT_ALLOWED;
import static dev.keyledger.client.DecisionCode.NOT_FOUND;
import static dev.keyledger.client.DecisionCode.NOT_YET_ACTIVE;
import static dev.keyledger.client.DecisionCode.REVOKED;
import static dev.keyledger.client.DecisionCode.ROTATED_OUT;
import static dev.keyledger.client.DecisionCode.SUSPENDED;
import static dev.keyledger.client.DecisionCode.VALID;
import static dev.keyledger.client.DecisionCode.WRONG_ENVIRONMENT;
import static dev.keyledger.client.FakeService.START;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.client.FakeService.Answer;
import dev.keyledger.client.FakeService.Feed;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of local decisions, with the test's own clock for the client and for the service. */
class LocalChecksTest {
  private static final LocalDecisions SETTINGS = LocalDecisions.upTo(100);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeService service = new FakeService();
  private final AtomicLong nanos = new AtomicLong(-17); // may be anything
  private final Map<String, String> keys = new ConcurrentHashMap<>();
  private volatile long position = 100;
  private volatile Runnable whileAsked = () -> {};
  private volatile String credential = "";
  private volatile Keyledger keyledger = start(SETTINGS);

  private Keyledger start(LocalDecisions settings) {
    service.answers = this::answer;
    credential = "operator-" + settings.hashCode();
    return Keyledger.builder(service.url(), credential)
        .localDecisions(settings)
        .nanos(nanos::get)
        .build();
  }

  @AfterEach
  void close() {
    keyledger.close();
    service.close();
  }

  @Test
  void aKeyIsAskedForOnceWhileTheFeedIsLive() {
    know("a", "");
    Feed feed = live();
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    Decision local = verify("a");
    assertThat(local.source()).isEqualTo(LOCAL);
    assertThat(local.valid()).isTrue();
    assertThat(requireNonNull(local.key()).keyId()).isEqualTo("key_a");
    assertThat(requireNonNull(local.decidedBy()).type()).isEqualTo("KeyIssued");
    assertThat(local.position()).isEqualTo(100);
    assertThat(service.requests).hasSize(1);
    assertThat(service.request().fields().flag("cacheable")).isTrue();
    assertThat(feed.request.header("Authorization")).isEqualTo("Bearer " + credential);

    hear(feed, 107, START.plusMillis(500));
    assertThat(verify("a").position()).isEqualTo(107);
    assertThat(verify("a").asOf()).isEqualTo(START.plusMillis(500));
    assertThat(stats().local()).isEqualTo(3);
    assertThat(stats().asked()).isEqualTo(1);
    assertThat(stats().entries()).isEqualTo(1);
  }

  @Test
  void nothingIsDecidedHereOrKeptBeforeTheFirstHeartbeat() {
    know("a", "");
    Feed feed = feed(0);
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(stats().live()).isFalse();
    hear(feed, 150, START); // the events up to there did not arrive
    assertThat(verify("a").source()).isEqualTo(SERVICE);
  }

  @Test
  void nothingIsDecidedHereOnceTheFeedIsOlderThanItMayBe() {
    know("a", "");
    live();
    verify("a");
    pass(SECOND);
    assertThat(verify("a").source()).isEqualTo(LOCAL);
    pass(Duration.ofNanos(1_002_000)); // the estimate drifts by a thousandth
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(stats().live()).isFalse();
  }

  @Test
  void aFeedWhoseTimeStandsStillGrowsOld() {
    know("a", "");
    Feed feed = live();
    verify("a");
    pass(Duration.ofMillis(1002));
    hear(feed, 101, START);
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    pass(Duration.ofMillis(1));
    hear(feed, 102, START.plusMillis(1003));
    assertThat(verify("a").source()).isEqualTo(LOCAL);
  }

  @Test
  void aHeartbeatThatWasDelayedIsSeenToBeOld() {
    know("a", "");
    Feed feed = live();
    verify("a");
    pass(Duration.ofSeconds(3));
    hear(feed, 100, START.plusMillis(500));
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    hear(feed, 100, START.plusMillis(2990));
    assertThat(verify("a").source()).isEqualTo(LOCAL);
  }

  @Test
  void aFeedThatLagsBehindTheNodeThatAnswersIsSeenToBeOld() {
    know("a", "");
    live();
    answeredAt = START.plusMillis(1010);
    verify("a");
    assertThat(verify("a").source()).isEqualTo(SERVICE);
  }

  @Test
  void aCheckMayDemandAFeedThatIsNotAsOld() {
    know("a", "");
    live();
    verify("a");
    pass(Duration.ofMillis(500));
    Check check = Check.of("a");
    assertThat(verify(check.maxAge(Duration.ofMillis(500))).source()).isEqualTo(LOCAL);
    assertThat(verify(check.maxAge(Duration.ofMillis(499))).source()).isEqualTo(SERVICE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KeyRevoked", "PermissionsChanged", "AnEventOfANewerService"})
  void anEventOfAKeyEndsWhatIsKnownOfIt(String type) {
    know("a", "");
    know("b", "");
    Feed feed = live();
    verify("a");
    verify("b");
    know("a", ",\"code\":\"REVOKED\"");
    position = 101;
    feed.event(101, type, "key_a");
    hear(feed, 101, START.plusMillis(1));
    Decision revoked = verify("a");
    assertThat(revoked.source()).isEqualTo(SERVICE);
    assertThat(revoked.code()).isEqualTo(REVOKED);
    assertThat(verify("a").source()).isEqualTo(LOCAL);
    assertThat(verify("a").code()).isEqualTo(REVOKED);
    assertThat(verify("b").source()).isEqualTo(LOCAL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WorkspaceClosed", "PolicyChanged"})
  void anEventOfTheWorkspaceEndsEverything(String type) {
    know("a", "");
    Feed feed = live();
    verify("a");
    keys.remove("a");
    position = 101;
    feed.event(101, type, null);
    hear(feed, 101, START.plusMillis(1));
    assertThat(verify("a").code()).isEqualTo(NOT_FOUND);
  }

  @Test
  void anAnswerThatIsBehindTheFeedIsNotKept() {
    know("a", "");
    hear(live(), 101, START.plusMillis(1));
    verify("a");
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    position = 101;
    verify("a");
    assertThat(verify("a").source()).isEqualTo(LOCAL);
  }

  @Test
  void anAnswerThatIsBehindAnEventIsNotKept() {
    know("a", "");
    live().event(101, "KeyRenewed", "key_b");
    soon().until(() -> requireNonNull(keyledger.local).feed().position() == 101);
    verify("a");
    assertThat(verify("a").source()).isEqualTo(SERVICE);
  }

  @Test
  void anAnswerThatWasOnItsWayWhenTheKeyChangedIsNotUsed() {
    know("a", "");
    Feed feed = live();
    position = 200;
    whileAsked =
        () -> {
          feed.event(150, "KeySuspended", "key_a");
          hear(feed, 150, START.plusMillis(1));
        };
    verify("a");
    whileAsked = () -> {};
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(verify("a").source()).isEqualTo(LOCAL);
  }

  @Test
  void unknownKeysAreAlwaysAskedFor() {
    live();
    for (int i = 0; i < 2; i++) {
      Decision decision = verify("nobody");
      assertThat(decision.code()).isEqualTo(NOT_FOUND);
      assertThat(decision.key()).isNull();
      assertThat(decision.source()).isEqualTo(SERVICE);
    }
    assertThat(stats().entries()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "keyledger:keys:read, SERVICE",
    "keyledger:*, SERVICE",
    "keyledger:self:renew, LOCAL",
    "*, LOCAL"
  })
  void operatorsKeysAreAlwaysAskedFor(String permission, Decision.Source source) {
    know("a", ",\"permissions\":[\"%s\"]".formatted(permission));
    live();
    verify("a");
    assertThat(verify("a").source()).isEqualTo(source);
  }

  @Test
  void anAnswerInAFormThatIsNotKnownIsNotKept() {
    know("a", ",\"permissions\":[\"read users\"]");
    know("b", ",\"code\":\"SOMETHING_NEW\"");
    live();
    for (String key : new String[] {"a", "b"}) {
      verify(key);
      assertThat(verify(key).source()).isEqualTo(SERVICE);
    }
  }

  @Test
  void anExplanationOrAPositionIsAlwaysAskedFor() {
    know("a", "");
    live();
    verify("a");
    assertThat(verify(Check.of("a").explained()).source()).isEqualTo(SERVICE);
    assertThat(
            keyledger
                .with(CallOptions.none().atLeast("token-7"))
                .checks()
                .verify(Check.of("a"))
                .source())
        .isEqualTo(SERVICE);
  }

  @Test
  void aKeyIsAskedForAgainAfterAMinuteSoThatItsUseIsNoted() {
    know("a", "");
    Feed feed = live();
    verify("a");
    for (int second = 1; second < 60; second++) {
      pass(SECOND);
      hear(feed, 100, START.plusSeconds(second));
      assertThat(verify("a").source()).isEqualTo(LOCAL);
    }
    pass(SECOND);
    hear(feed, 100, START.plusSeconds(60));
    assertThat(verify("a").source()).isEqualTo(SERVICE);
  }

  @Test
  void permissionsAddressesAndEnvironmentAreJudgedHere() {
    know("a", ",\"permissions\":[\"read:*\",\"write:users\"],\"ipAllowList\":[\"203.0.113.0/24\"]");
    live();
    Check check = Check.of("a").ip("203.0.113.7:4711");
    verify(check);
    assertThat(verify(check.allOf("read:users:42", "write:users")).code()).isEqualTo(VALID);
    Decision lacking = verify(check.allOf("read:x", "write:y").anyOf("drop:a", "drop:b"));
    assertThat(lacking.code()).isEqualTo(INSUFFICIENT_PERMISSIONS);
    assertThat(lacking.missingPermissions()).containsExactly("write:y", "drop:a", "drop:b");
    assertThat(lacking.decidedBy()).isNull();
    assertThat(verify(check.anyOf("drop:a", "read:b")).valid()).isTrue();
    assertThat(verify(check.ip("198.51.100.1")).code()).isEqualTo(IP_NOT_ALLOWED);
    assertThat(verify(check.ip(null)).code()).isEqualTo(IP_NOT_ALLOWED);
    assertThat(verify(check.environment(Environment.TEST)).code()).isEqualTo(WRONG_ENVIRONMENT);
    assertThat(verify(check.anyEnvironment()).code()).isEqualTo(VALID);
    assertThat(service.requests).hasSize(1);
  }

  @Test
  void timesAreJudgedHereInTheServicesTime() {
    know("expires", ",\"expiresAt\":\"%s\"".formatted(START.plusMillis(600)));
    know(
        "begins",
        ",\"code\":\"NOT_YET_ACTIVE\",\"notBefore\":\"%s\"".formatted(START.plusMillis(600)));
    know("ends", plan("revoke"));
    know("pauses", plan("suspend"));
    know(
        "old",
        ",\"generation\":1,\"currentGeneration\":2,\"overlapEndsAt\":\"%s\""
            .formatted(START.plusMillis(600)));
    live();
    for (String key : keys.keySet()) {
      verify(key);
    }
    pass(Duration.ofMillis(500));
    assertThat(local("expires")).isEqualTo(VALID);
    assertThat(local("begins")).isEqualTo(NOT_YET_ACTIVE);
    assertThat(local("ends")).isEqualTo(VALID);
    assertThat(local("pauses")).isEqualTo(VALID);
    assertThat(local("old")).isEqualTo(VALID);
    pass(Duration.ofMillis(101)); // the estimate drifts by a thousandth
    assertThat(local("expires")).isEqualTo(EXPIRED);
    assertThat(local("begins")).isEqualTo(VALID);
    assertThat(local("ends")).isEqualTo(REVOKED);
    assertThat(local("pauses")).isEqualTo(SUSPENDED);
    assertThat(local("old")).isEqualTo(ROTATED_OUT);
  }

  @Test
  void anOldSecretWhoseEndIsNotKnownIsAlwaysAskedFor() {
    know("old", ",\"generation\":1,\"currentGeneration\":2");
    know("ended", ",\"generation\":1,\"currentGeneration\":2,\"code\":\"ROTATED_OUT\"");
    know("suspended", ",\"generation\":1,\"currentGeneration\":2,\"code\":\"SUSPENDED\"");
    live();
    for (String key : keys.keySet()) {
      verify(key);
    }
    assertThat(verify("old").source()).isEqualTo(SERVICE);
    assertThat(verify("suspended").source()).isEqualTo(SERVICE);
    assertThat(local("ended")).isEqualTo(ROTATED_OUT);
  }

  @Test
  void theNumberOfSecretsIsBounded() {
    keyledger.close();
    keyledger = start(LocalDecisions.upTo(8));
    live();
    for (int i = 0; i < 8; i++) {
      know("k" + i, "");
      verify("k" + i);
    }
    assertThat(stats().entries()).isEqualTo(8);
    pass(Duration.ofMillis(1));
    for (int i = 0; i < 8; i++) {
      if (i != 3) {
        assertThat(verify("k" + i).source()).isEqualTo(LOCAL);
      }
    }
    know("k8", "");
    verify("k8");
    assertThat(stats().entries()).isEqualTo(8);
    assertThat(verify("k8").source()).isEqualTo(LOCAL);
    assertThat(verify("k7").source()).isEqualTo(LOCAL);
    assertThat(verify("k3").source()).isEqualTo(SERVICE);
  }

  @Test
  void aKeyThatIsKnownAgainTakesNoPlaceOfAnother() {
    keyledger.close();
    keyledger = start(LocalDecisions.upTo(2));
    know("a", "");
    know("b", "");
    Feed feed = live();
    verify("a");
    position = 101;
    feed.event(101, "KeyRenewed", "key_a");
    hear(feed, 101, START.plusMillis(1));
    verify("a");
    verify("b");
    assertThat(verify("a").source()).isEqualTo(LOCAL);
    assertThat(verify("b").source()).isEqualTo(LOCAL);
  }

  @Test
  void theClientsOwnCommandsEndWhatIsKnown() {
    know("a", "");
    know("b", "");
    live();
    verify("a");
    verify("b");
    keyledger.keys().suspend("key_a");
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(verify("b").source()).isEqualTo(LOCAL);
    assertThat(service.requests.get(3).header("Keyledger-At-Least")).isEqualTo("token-own");
    keyledger.keys().revokeAllOf(Owner.app("x"), RevocationReason.POLICY);
    assertThat(verify("b").source()).isEqualTo(SERVICE);
  }

  @Test
  void aFeedThatIsLostIsResumedWithoutAGap() {
    know("a", "");
    know("b", "");
    Feed feed = live();
    verify("a");
    verify("b");
    feed.cut();
    Feed resumed = feed(1);
    assertThat(resumed.request.header("Last-Event-ID")).isEqualTo("token-100");
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    resumed.event(101, "KeyRevoked", "key_a");
    position = 101;
    hear(resumed, 101, START.plusMillis(1));
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(verify("b").source()).isEqualTo(LOCAL);
  }

  @Test
  void aFeedThatEndsIsResumed() {
    live().end("too-slow");
    assertThat(feed(1).request.header("Last-Event-ID")).isEqualTo("token-100");
  }

  @ParameterizedTest
  @CsvSource({
    "unauthorized, 0",
    "forbidden, 0",
    "workspace-closed, 0",
    "too-slow, 1",
    "node-stops, 1",
    "stale, 1"
  })
  void aFeedThatThisClientMayNotFollowAnyMoreEndsEverything(String code, int entries) {
    know("a", "");
    Feed feed = live();
    verify("a");
    feed.end(code);
    soon().until(() -> !stats().live());
    assertThat(stats().entries()).isEqualTo(entries);
  }

  @ParameterizedTest
  @CsvSource({"401, 0", "403, 0", "429, 1", "503, 1"})
  void aClientThatMayNotResumeItsFeedForgetsEverything(int status, int entries) {
    know("a", "");
    Feed feed = live();
    verify("a");
    var refused = new AtomicInteger();
    service.feedAnswers =
        request -> {
          refused.incrementAndGet();
          return Answer.problem(status, "x");
        };
    feed.cut();
    soon().until(() -> entries == 0 ? stats().entries() == 0 : refused.get() == 2);
    assertThat(stats().entries()).isEqualTo(entries);
  }

  @Test
  void aFeedThatCannotBeResumedBeginsAgainAndEverythingIsDropped() {
    know("a", "");
    Feed feed = live();
    verify("a");
    service.feedAnswers =
        request ->
            request.header("Last-Event-ID") == null
                ? Answer.json("")
                : Answer.problem(400, "invalid-position-token");
    feed.cut();
    Feed another = feed(1);
    assertThat(another.request.header("Last-Event-ID")).isNull();
    another.heartbeat(3, START);
    soon().until(() -> requireNonNull(keyledger.local).feed().position() == 3);
    position = 3;
    assertThat(verify("a").source()).isEqualTo(SERVICE);
    assertThat(verify("a").source()).isEqualTo(LOCAL);
  }

  @Test
  void aFeedThatWasLostForAMinuteBeginsAgain() {
    know("a", "");
    Feed feed = live();
    verify("a");
    service.feedAnswers = request -> Answer.problem(503, "stale");
    feed.cut();
    soon().until(() -> !stats().live());
    pass(FeedReader.RESUME_MAX);
    service.feedAnswers = request -> Answer.json("");
    assertThat(feed(1).request.header("Last-Event-ID")).isNull();
    soon().until(() -> stats().entries() == 0);
  }

  @Test
  void withoutFeedAndServiceChecksFail() {
    know("a", "");
    live();
    verify("a");
    service.close();
    soon().until(() -> !stats().live());
    assertThatThrownBy(() -> verify("a")).isInstanceOf(KeyledgerException.Unavailable.class);
  }

  @Test
  void withoutFeedAndServiceKnownKeysMayBeAllowedForATime() {
    keyledger.close();
    keyledger = start(SETTINGS.allowWhenCutOff(Duration.ofMinutes(5)));
    know("a", ",\"expiresAt\":\"%s\"".formatted(START.plusSeconds(200)));
    know("b", "");
    live();
    verify("a");
    verify("b");
    service.close();
    soon().until(() -> !stats().live());
    assertThat(verify("a").source()).isEqualTo(LOCAL_CUT_OFF);
    assertThat(verify("a").valid()).isTrue();
    assertThat(stats().cutOff()).isEqualTo(2);
    assertThatThrownBy(() -> verify("c")).isInstanceOf(KeyledgerException.Unavailable.class);
    pass(Duration.ofMinutes(5));
    assertThat(verify("a").code()).isEqualTo(EXPIRED);
    assertThat(verify("b").valid()).isTrue();
    pass(SECOND);
    assertThatThrownBy(() -> verify("b")).isInstanceOf(KeyledgerException.Unavailable.class);
    assertThat(stats().cutOff()).isEqualTo(4);
  }

  @Test
  void settingsHaveLimits() {
    LocalDecisions.upTo(1).maxStaleness(Duration.ofMillis(1)).allowWhenCutOff(Duration.ZERO);
    LocalDecisions most = LocalDecisions.upTo(10_000_000);
    most.maxStaleness(Duration.ofMinutes(1)).allowWhenCutOff(Duration.ofDays(1));
    assertThatIllegalArgumentException().isThrownBy(() -> LocalDecisions.upTo(0));
    assertThatIllegalArgumentException().isThrownBy(() -> LocalDecisions.upTo(10_000_001));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> most.maxStaleness(Duration.ofNanos(999_999)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> most.maxStaleness(Duration.ofMillis(60_001)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> most.allowWhenCutOff(Duration.ofMillis(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> most.allowWhenCutOff(Duration.ofDays(1).plusNanos(1)));
  }

  private volatile Instant answeredAt = START;

  /** Answers checks by the test's keys. */
  private Answer answer(FakeService.Request request) {
    if (!request.target().equals("/v1/verify")) {
      return Answer.json(Samples.KEY.replace("\"version\"", "\"revoked\":[],\"version\""))
          .with("Keyledger-Position", "token-own");
    }
    whileAsked.run();
    String key = request.fields().text("key");
    String facts = keys.get(key);
    String rest = "\"position\":%d,\"asOf\":\"%s\"}".formatted(position, answeredAt);
    if (facts == null) {
      return Answer.json("{\"valid\":false,\"code\":\"NOT_FOUND\"," + rest);
    }
    var fields = new LinkedHashMap<String, Object>();
    fields.put("code", "VALID");
    fields.put("permissions", List.of("read:*"));
    fields.put("ipAllowList", List.of());
    fields.put("generation", 1);
    fields.put("currentGeneration", 1);
    Map<?, ?> said = (Map<?, ?>) requireNonNull(Json.read("{\"x\":0" + facts + "}"));
    said.forEach((name, value) -> fields.put((String) name, value));
    String all = Json.write(fields);
    return Answer.json(
        """
        {"valid":%s,"keyId":"key_%s","name":"n","workspace":"default",\
        "owner":{"type":"app","id":"x"},"environment":"live","missingPermissions":[],\
        "metadata":{},"renewalDue":false,\
        "decidedBy":{"type":"KeyIssued","position":1,"time":"2027-01-15T09:30:00Z"},\
        """
                .formatted(fields.get("code").equals("VALID"), key)
            + all.substring(1, all.length() - 1)
            + ","
            + rest);
  }

  private void know(String key, String facts) {
    keys.put(key, facts);
  }

  private static String plan(String command) {
    return ",\"planned\":{\"command\":\"%s\",\"effectiveAt\":\"%s\"}"
        .formatted(command, START.plusMillis(600));
  }

  private Decision verify(String key) {
    return verify(Check.of(key));
  }

  private Decision verify(Check check) {
    return keyledger.checks().verify(check);
  }

  private DecisionCode local(String key) {
    Decision decision = verify(key);
    assertThat(decision.source()).isEqualTo(LOCAL);
    return decision.code();
  }

  private LocalDecisions.Stats stats() {
    return keyledger.localDecisions().orElseThrow();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Returns the last feed, which is live at position 100. */
  private Feed live() {
    String bearer = "Bearer " + credential;
    Feed feed =
        soon()
            .until(
                () ->
                    service.feeds.stream()
                        .filter(each -> bearer.equals(each.request.header("Authorization")))
                        .findFirst(),
                Optional::isPresent)
            .orElseThrow();
    hear(feed, 100, START);
    assertThat(stats().live()).isTrue();
    return feed;
  }

  private Feed feed(int index) {
    soon().until(() -> service.feeds.size() > index);
    return service.feeds.get(index);
  }

  private static ConditionFactory soon() {
    return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
  }

  /** Sends a heartbeat, and waits until the client has heard it. */
  private void hear(Feed feed, long upTo, Instant asOf) {
    LocalChecks local = requireNonNull(keyledger.local);
    feed.heartbeat(upTo, asOf);
    soon()
        .until(() -> {
          FeedClock.Reading feedNow = local.feed();
          return feedNow.position() >= upTo && !FeedClock.instantOf(feedNow.asOf()).isBefore(asOf);
        });
  }
}
