package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Source;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.freshness.WaitLimit;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.receipts.Lease;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Verify503Test {
  private final Node node = new Node();
  private String key = "";

  @BeforeEach
  void issueAKey() {
    key = node.issue(USUAL).secret();
  }

  @Test
  void aNodeThatLostTheLogGoesOnForAMinute() {
    node.sinceContact = Duration.ofMinutes(1);
    assertThat(verify("").status()).isEqualTo(200);
    assertThat(forwardAuth().status()).isEqualTo(200);
    node.sinceContact = Duration.ofMinutes(1).plusNanos(1);
    assertStale(verify(""));
    assertStale(forwardAuth());
  }

  @Test
  void aCheckMayAskForMoreFreshness() {
    node.sinceContact = Duration.ofSeconds(5);
    assertThat(verify(",\"maxAge\":\"PT5S\"").status()).isEqualTo(200);
    assertStale(verify(",\"maxAge\":\"PT4.999S\""));
    assertStale(verify(",\"maxAge\":\"PT0S\""));
  }

  @Test
  void aMinuteIsAskedForTooIfTheNodeToleratesMore() {
    Node patient = Node.tolerating(Duration.ofHours(1));
    patient.sinceContact = Duration.ofMinutes(1).plusNanos(1);
    assertStale(patient.verify("{\"key\":\"x\",\"maxAge\":\"PT1M\"}"));
    assertThat(patient.verify("{\"key\":\"x\"}").status()).isEqualTo(200);
  }

  @Test
  void oneDemandingCheckRefusesItsWholeBatch() {
    node.sinceContact = Duration.ofSeconds(5);
    var request = new SentRequest("POST", "/v1/verify/batch").bearer(Node.ROOT_KEY);
    request.json("{\"checks\":[{\"key\":\"x\"},{\"key\":\"x\",\"maxAge\":\"PT1S\"}]}");
    assertStale(node.send(request));
  }

  @Test
  void aNodeThatFollowsTheLogNoMoreDecidesNothing() {
    node.failure = "after position 7: an event of an unknown type";
    assertStale(verify(""));
    assertStale(forwardAuth());
  }

  @Test
  void aNodeThatHasNotCaughtUpSinceItsStartDecidesNothing() {
    node.caughtUp = false;
    assertStale(verify(""));
    assertStale(forwardAuth());
  }

  @Test
  void aPositionThatIsNotReachedIsNeverAnsweredWithADecision() {
    HttpAnswer answer =
        node.send(
            new SentRequest("POST", "/v1/verify")
                .bearer(Node.ROOT_KEY)
                .with("Keyledger-At-Least", node.tokens.issue(2))
                .json("{\"key\":\"" + key + "\"}"));
    assertNotYetApplied(answer);
    assertThat(node.lastWait).isEqualTo(Duration.ofSeconds(2));
    assertNotYetApplied(
        node.send(
            new SentRequest("GET", "/v1/forward-auth?atLeast=" + node.tokens.issue(2))
                .bearer(key)));
  }

  @Test
  void withoutTheLogNothingIsExplainedAndChecksGoOn() {
    node.whileExplaining =
        () -> {
          throw new StoreUnavailableException("gone");
        };
    HttpAnswer answer = verify(",\"explain\":true");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("store-unavailable");
    assertThat(verify(",\"explain\":false").status()).isEqualTo(200);
    assertThat(node.verify("{\"key\":\"x\",\"explain\":true}").status()).isEqualTo(200);
  }

  @Test
  void aNodeWithoutALeaseDecidesNothing() {
    node.term = Lease.NONE;
    assertStale(verify(""));
    assertStale(forwardAuth());
    node.term = 3;
    assertThat(verify("").status()).isEqualTo(200);
  }

  @Test
  void aDecisionThatTheLeaseDidNotOutlastIsNotAnswered() {
    node.whileDeciding = () -> node.term++;
    assertStale(verify(""));
    assertStale(forwardAuth());
  }

  @Test
  void noMoreWaitThanThereIsRoomForAndTheOthersAreServed() {
    var waiting = new ArrayList<WaitLimit.Permit>();
    Source source = Source.of(SentRequest.PEER);
    for (int i = 1; i < WaitLimit.WAITING_OF_ONE_MAX; i++) {
      waiting.add(node.waitLimit.acquire(source));
    }
    assertThat(atLeast(2).status()).isEqualTo(503);
    assertThat(node.lastWait).isEqualTo(Duration.ofSeconds(2));
    node.lastWait = null;
    waiting.add(node.waitLimit.acquire(source));
    HttpAnswer refused = atLeast(2);
    assertNotYetApplied(refused);
    assertThat(Node.json(refused).get("detail").stringValue()).startsWith("Too many requests wait");
    assertThat(node.lastWait).isEqualTo(Duration.ZERO);
    assertThat(atLeast(1).status()).as("who need not wait is answered").isEqualTo(200);
    HttpAnswer ofOther = node.send(askingAtLeast(2).from("203.0.113.1"));
    assertThat(Node.json(ofOther).get("detail").stringValue())
        .as("another source")
        .doesNotStartWith("Too many requests");
    waiting.getFirst().close();
    assertThat(Node.json(atLeast(2)).get("detail").stringValue())
        .doesNotStartWith("Too many requests");
  }

  @Test
  void noMoreWaitThanThereIsRoomForOnTheNode() {
    for (int i = 0; i < WaitLimit.WAITING_OF_ONE_MAX; i++) {
      var _ = node.waitLimit.acquire(Source.of("203.0.113.1"));
    }
    for (int i = 1; i < WaitLimit.WAITING_MAX - WaitLimit.WAITING_OF_ONE_MAX; i++) {
      var _ = node.waitLimit.acquire("default");
    }
    WaitLimit.Permit last = node.waitLimit.acquire("default");
    assertThat(Node.json(atLeast(2)).get("detail").stringValue()).startsWith("Too many requests");
    last.close();
    assertThat(Node.json(atLeast(2)).get("detail").stringValue())
        .doesNotStartWith("Too many requests");
  }

  private HttpAnswer atLeast(long position) {
    return node.send(askingAtLeast(position));
  }

  private SentRequest askingAtLeast(long position) {
    return new SentRequest("POST", "/v1/verify")
        .bearer(Node.ROOT_KEY)
        .with("Keyledger-At-Least", node.tokens.issue(position))
        .json("{\"key\":\"" + key + "\"}");
  }

  private HttpAnswer verify(String more) {
    return node.verify("{\"key\":\"" + key + "\"" + more + "}");
  }

  private HttpAnswer forwardAuth() {
    return node.send(new SentRequest("GET", "/v1/forward-auth").bearer(key));
  }

  private static void assertStale(HttpAnswer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("stale");
    assertThat(Node.header(answer, "Retry-After")).isEqualTo("1");
  }

  private static void assertNotYetApplied(HttpAnswer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("not-yet-applied");
  }
}
