package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Feed;
import dev.keyledger.standalone.process.Feed.Message;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The live feed, as clients of one node and of another one see it. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class FeedIT {
  private static final String PATH = "/v1/feed";
  private static final String NOBODYS_TOKEN = "AAAAAAAAAAFDVZvhmQRaxujsigM05EnB";
  private static final int CLIENTS_OF_WORKSPACE_MAX = 1_000;
  private static final int IMPORTED_AT_ONCE = 1_000;

  private static final int SMALL = 4 * 1024;
  private static final int USUAL = 64 * 1024;

  /** A number of heartbeats that takes longer than the two seconds that a client may take. */
  private static final int HEARTBEATS_OF_THREE_SECONDS = 12;

  private KeyledgerProcess keyledger;
  private String workspace;
  private Client root;
  private Issuer issuer;
  private IssuedKey operator;
  private Client follower;

  @BeforeEach
  void aWorkspace(KeyledgerProcess shared) {
    keyledger = shared;
    workspace = WorkspacesIT.name();
    WorkspacesIT.open(shared.root(), workspace, "");
    root = WorkspacesIT.in(shared.root(), workspace);
    issuer = new Issuer(root);
    operator = issuer.issued("keyledger:feed:read");
    follower = shared.client().bearer(operator.secret());
  }

  @Test
  void eventsHaveThePositionsOfTheCommandsAndNothingSecret() {
    try (Feed feed = Feed.of(follower)) {
      IssuedKey key = issuer.issued("read:users");
      Answer renewed = issuer.command(key, "renew", "{\"lifetime\": \"P100D\"}");
      Answer revoked = issuer.command(key, "revoke", "{\"reason\": \"left on a train\"}");

      Message last = feed.awaitEvent("KeyRevoked " + key.id());

      assertThat(feed.events())
          .containsExactly(
              "KeyIssued " + key.id(), "KeyRenewed " + key.id(), "KeyRevoked " + key.id());
      assertThat(feed.messages().stream().filter(Message::isEvent).map(Message::id))
          .containsExactlyElementsOf(
              Stream.of(key.answer(), renewed, revoked)
                  .map(answer -> answer.header("Keyledger-Position"))
                  .toList());
      Client asking = root.header("Keyledger-At-Least", last.id()).header("Keyledger-Wait", "PT0S");
      assertThat(new Issuer(asking).codeOf(key.secret())).isEqualTo("REVOKED");
      Message heartbeat =
          feed.awaitAny(message ->
              message.event().equals("heartbeat")
                  && message.data().path("position").asLong()
                      >= last.data().path("position").asLong());
      assertThat(Instant.parse(heartbeat.data().path("asOf").asString()))
          .isAfterOrEqualTo(Instant.parse(last.data().path("time").asString()).minusNanos(1000));
      assertThat(feed.messages().toString()).doesNotContain(key.secret(), "train", "127.0.0.1");
    }
  }

  @Test
  void noEventOfAnotherWorkspaceIsSent() {
    String elsewhere = WorkspacesIT.name();
    WorkspacesIT.open(keyledger.root(), elsewhere, "");
    var there = new Issuer(WorkspacesIT.in(keyledger.root(), elsewhere));
    try (Feed feed = Feed.of(follower);
        Feed ofRoot = Feed.of(there.client())) {
      IssuedKey theirs = there.issued("read:users");
      IssuedKey mine = issuer.issued("read:users");
      IssuedKey alsoTheirs = there.issued("read:users");
      feed.awaitEvent("KeyIssued " + mine.id());
      ofRoot.awaitEvent("KeyIssued " + alsoTheirs.id());
      IssuedKey last = issuer.issued("read:users");
      feed.awaitEvent("KeyIssued " + last.id());

      assertThat(feed.events()).containsExactly("KeyIssued " + mine.id(), "KeyIssued " + last.id());
      assertThat(ofRoot.events())
          .containsExactly("KeyIssued " + theirs.id(), "KeyIssued " + alsoTheirs.id());
    }
  }

  @Test
  void onlyTheRequestedTypesAreSent() {
    IssuedKey key = issuer.issued("read:users");
    try (Feed feed = Feed.of(follower, "?type=KeyRevoked&type=KeySuspended")) {
      for (String command : List.of("suspend", "resume", "revoke")) {
        issuer.done(key, command, "{}");
      }
      feed.awaitEvent("KeyRevoked " + key.id());
      assertThat(feed.events())
          .containsExactly("KeySuspended " + key.id(), "KeyRevoked " + key.id());
    }
    for (String query : List.of("?type=KeyLost", "?type=", "?type=KeyRevoked&type=keyRevoked")) {
      assertWrongField(follower.get(PATH + query), 400, "bad-request", "type");
    }
    assertProblem(follower.get(PATH + "?limit=1"), 400, "bad-request");
  }

  @Test
  void aTokenOfNoEventAndAnAnswerOfAnotherFormAreRefused() {
    for (String token : List.of("x", NOBODYS_TOKEN, "1")) {
      assertProblem(
          follower.header("Last-Event-ID", token).get(PATH), 400, "invalid-position-token");
    }
    Answer otherForm = follower.header("Accept", "application/json").get(PATH);
    assertProblem(otherForm, 406, "not-acceptable");
    assertThat(otherForm.body().path("detail").asString()).contains("text/event-stream");
    Answer head = follower.send("HEAD", PATH, BodyPublishers.noBody());
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.text()).isEmpty();
    for (Answer answer : List.of(head, follower.get(PATH))) {
      assertThat(answer.header("Content-Type")).isEqualTo(Feed.MEDIA_TYPE);
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(answer.header("X-Accel-Buffering")).isEqualTo("no");
    }
  }

  @Test
  void itEndsWhenTheCallerMayNoLongerReadIt() {
    IssuedKey other = issuer.issued("keyledger:feed:read", "keyledger:verify");
    try (Feed ofOther = Feed.of(keyledger.client().bearer(other.secret()))) {
      root.put(other.path() + "/permissions", "{\"permissions\": [\"keyledger:verify\"]}");
      assertThat(ofOther.awaitEnd()).isEqualTo("forbidden");
      assertThat(ofOther.events()).isEmpty();
    }
    try (Feed feed = Feed.of(follower)) {
      issuer.done(operator, "revoke", "{}");
      assertThat(feed.awaitEnd()).isEqualTo("unauthorized");
      assertThat(feed.events()).isEmpty();
      assertThat(feed.messages().getLast().id()).isEmpty();
    }
  }

  @Test
  void itEndsWithTheWorkspace() {
    try (Feed ofOperator = Feed.of(follower);
        Feed ofRoot = Feed.of(root)) {
      String before = ofRoot.lastId();
      keyledger.root().post("/v1/workspaces/" + workspace + "/close", "{}");
      assertThat(ofOperator.awaitEnd()).isEqualTo("workspace-closed");
      assertThat(ofRoot.awaitEnd()).isEqualTo("workspace-closed");
      assertThat(ofRoot.events()).containsExactly("WorkspaceClosed");
      try (Feed again = Feed.after(root, before)) {
        assertThat(again.awaitEnd()).isEqualTo("workspace-closed");
        assertThat(again.events()).containsExactly("WorkspaceClosed");
      }
    }
  }

  @Test
  void anotherNodeSendsTheSameAndContinuesAfterARestart() throws IOException {
    try (var other = KeyledgerProcess.start(Application.QUERY_SIDE, keyledger.besideIt())) {
      Client there =
          other
              .client()
              .bearer(operator.secret())
              .header("Keyledger-At-Least", operator.answer().header("Keyledger-Position"));
      IssuedKey key;
      String issuedId;
      try (Feed feed = Feed.of(there)) {
        key = issuer.issued("read:users");
        issuer.done(key, "revoke", "{}");
        feed.awaitEvent("KeyRevoked " + key.id());
        issuedId = feed.awaitEvent("KeyIssued " + key.id()).id();
      }
      List<String> imported;
      try (Socket silent = begun(other.uri(), operator.secret(), SMALL);
          Feed feed = Feed.of(there)) {
        imported = imported();
        feed.awaitEvent("KeyImported " + imported.getLast());
        other.terminate(); // within ten seconds, although a client does not read
        assertThat(feed.awaitEnd()).isEqualTo("node-stops");
        assertThat(silent.isConnected()).isTrue();
      }
      IssuedKey last = issuer.issued("read:users");
      other.restart();

      List<String> missed =
          Stream.of(
                  Stream.of("KeyRevoked " + key.id()),
                  imported.stream().map(id -> "KeyImported " + id),
                  Stream.of("KeyIssued " + last.id()))
              .flatMap(events -> events)
              .toList();
      for (Client client : List.of(there, follower)) {
        try (Feed feed = Feed.after(client, issuedId)) {
          feed.awaitEvent("KeyIssued " + last.id());
          assertThat(feed.events()).isEqualTo(missed);
        }
      }
    }
  }

  @Test
  void aSlowClientGetsTheReasonAndMissesNothing() throws IOException {
    String received;
    List<String> all = new ArrayList<>();
    Metrics before = Metrics.of(keyledger);
    try (Socket slow = begun(keyledger.uri(), operator.secret(), SMALL);
        Feed feed = Feed.of(follower)) {
      imported().forEach(id -> all.add("KeyImported " + id));
      feed.awaitEvent(all.getLast());
      assertThat(feed.events()).isEqualTo(all);
      int heartbeats = feed.messages().size() - all.size();
      await()
          .until(() ->
              feed.messages().size() - all.size() >= heartbeats + HEARTBEATS_OF_THREE_SECONDS);
      received = rest(slow, all.getLast().replace("KeyImported ", ""));
    }
    assertThat(received).endsWith("\n\nevent: end\ndata: {\"code\":\"too-slow\"}\n\n");
    List<String> read =
        received
            .lines()
            .filter(line -> line.startsWith("data: ") && line.contains("KeyImported"))
            .map(line -> "KeyImported " + line.replaceAll(".*\"keyId\":\"|\"}", ""))
            .toList();
    String lastId =
        received
            .lines()
            .filter(line -> line.startsWith("id: "))
            .map(line -> line.substring(4))
            .reduce("", (_, later) -> later);
    assertThat(read).hasSizeLessThan(all.size()).isEqualTo(all.subList(0, read.size()));
    try (Feed feed = Feed.after(follower, lastId)) {
      feed.awaitEvent(all.getLast());
      assertThat(feed.events()).isEqualTo(all.subList(read.size(), all.size()));
    }
    assertThat(ended(Metrics.of(keyledger)) - ended(before)).isEqualTo(1);
  }

  @Test
  void oneWorkspaceLeavesPlacesForOthers() throws IOException {
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS_OF_WORKSPACE_MAX; i++) {
        clients.add(begun(keyledger.uri(), operator.secret(), USUAL));
      }
      assertThat(Metrics.of(keyledger).sum("keyledger_feed_clients"))
          .isGreaterThanOrEqualTo(CLIENTS_OF_WORKSPACE_MAX);
      assertProblem(follower.get(PATH), 429, "rate-limited");
      assertThat(keyledger.root().get(PATH).status()).as("of another workspace").isEqualTo(200);

      clients.removeLast().close();
      await().until(() -> follower.get(PATH).status() == 200);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  private static double ended(Metrics metrics) {
    return metrics.sum("keyledger_feed_ended_total", "code=\"too-slow\"");
  }

  /** Returns the connection of a client that has read the first message and then stops reading. */
  private static Socket begun(URI node, String credential, int receiveBuffer) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(receiveBuffer);
    socket.connect(new InetSocketAddress(node.getHost(), node.getPort()));
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.0\r\nAuthorization: Bearer %s\r\n\r\n"
                .formatted(PATH, credential)
                .getBytes(US_ASCII));
    var read = new StringBuilder();
    byte[] part = new byte[1024];
    while (read.indexOf("\n\n") < 0) {
      int length = socket.getInputStream().read(part);
      assertThat(length).as(read.toString()).isPositive();
      read.append(new String(part, 0, length, US_ASCII));
    }
    return socket;
  }

  /** Returns the text that the client gets, up to the end or to an unexpected text. */
  private static String rest(Socket client, String tooMuch) throws IOException {
    var rest = new StringBuilder();
    byte[] part = new byte[8192];
    int length;
    do {
      length = client.getInputStream().read(part);
      rest.append(new String(part, 0, Math.max(length, 0), US_ASCII));
    } while (length > 0 && rest.indexOf(tooMuch) < 0);
    return rest.toString();
  }

  /**
   * Imports so many keys that the system cannot buffer their events for a client; returns their
   * ids.
   */
  private List<String> imported() {
    var random = new SplittableRandom();
    var ids = new ArrayList<String>();
    for (int i = 0; i < 2; i++) {
      String keys =
          IntStream.range(0, IMPORTED_AT_ONCE)
              .mapToObj(_ ->
                  "{%s, \"secretSha256\": \"%s\"}"
                      .formatted(Issuer.fields(), "%016x".formatted(random.nextLong()).repeat(4)))
              .collect(Collectors.joining(", "));
      Answer answer = root.post("/v1/keys/import", "{\"keys\": [%s]}".formatted(keys));
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      answer.body().path("results").forEach(one -> ids.add(one.path("keyId").asString()));
    }
    return ids;
  }
}
