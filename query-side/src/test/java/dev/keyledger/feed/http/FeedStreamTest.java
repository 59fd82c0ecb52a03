package dev.keyledger.feed.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.feed.Feed;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.NewEvent;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.TestLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The messages of one client. The clock moves only when a test moves it. */
@Timeout(60)
class FeedStreamTest {
  private static final Owner ALICE = new Owner(OwnerType.USER, "alice");
  private static final Duration NANO = Duration.ofNanos(1);
  private static final Set<String> ALL = Set.of();

  private static final int UNIT_MAX = 1000;

  /** The number of events that a stream sends at once. */
  private static final int PART = 200;

  private static final Pattern HEARTBEAT =
      Pattern.compile("(?m)^event: heartbeat\\ndata: \\{\"position\":(\\d+),\"asOf\":\"[^\"]+\"}$");

  private final TestLog log = TestLog.empty();
  private final Feed feed = new Feed(log.tail, log.reader);
  private final PositionTokens tokens =
      new PositionTokens(new UUID(1, 2), 1, List.of(new byte[16]));
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final FeedMeters meters = new FeedMeters(registry);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private long nanoTime = 17;
  private long keys;

  /** An action before the stream reads the feed; it returns the code of the end, or null. */
  private interface Look extends Supplier<@Nullable String> {}

  private static final Look GO_ON = end(null);

  private static Look end(@Nullable String code) {
    return () -> code;
  }

  private static Look after(Runnable action) {
    return () -> {
      action.run();
      return null;
    };
  }

  @AfterEach
  void close() {
    feed.close();
    log.close();
  }

  @Test
  void anEventIsSentWithItsTokenAndNothingSecret() throws IOException {
    LoggedEvent opened = append(opened("acme")).getFirst();
    LoggedEvent issued = append(issued(1)).getFirst();

    assertThat(run(ALL, 0, GO_ON, end("enough"))).isEqualTo("enough");

    assertThat(text())
        .startsWith(
            """
            id: %s
            event: WorkspaceOpened
            data: {"position":1,"time":"%s","type":"WorkspaceOpened"}

            id: %s
            event: KeyIssued
            data: {"position":2,"time":"%s","type":"KeyIssued","keyId":"%s"}

            id: %s
            event: heartbeat
            data: {"position":2,"asOf":\
            """
                .formatted(
                    tokens.issue(1),
                    opened.time(),
                    tokens.issue(2),
                    issued.time(),
                    issued.stream().id(),
                    tokens.issue(2)))
        .endsWith("\n\nevent: end\ndata: {\"code\":\"enough\"}\n\n");
    assertThat(registry.get("keyledger.feed.events").counter().count()).isEqualTo(2);
  }

  @Test
  void onlyWhatIsAskedForIsSentAndHeartbeatsCoverTheRest() throws IOException {
    append(opened("acme"), opened("other"));
    append(issued(1));
    append(change(1, new KeySuspended()), change(2, new KeyRevoked(RevocationReason.POLICY)));

    run(Set.of("KeyRevoked", "WorkspaceOpened"), 1, GO_ON, end("enough"));

    assertThat(events()).containsExactly("KeyRevoked");
    assertThat(heartbeats()).containsExactly(5L);
  }

  @Test
  void anEventIsSentOnceWhenItIsApplied() throws IOException {
    append(opened("acme"));

    run(ALL, 1, GO_ON, after(() -> append(issued(1))), GO_ON, end("enough"));

    assertThat(events()).containsExactly("KeyIssued");
  }

  @Test
  void aHeartbeatComesAtOnceAndThenWhenItsTimeIsOver() throws IOException {
    append(opened("acme"));
    Duration nearly = FeedStream.HEARTBEAT_EVERY.minus(NANO);

    run(
        ALL,
        1,
        GO_ON,
        after(() -> nanoTime += nearly.toNanos()),
        after(() -> {
          assertThat(heartbeats()).hasSize(1);
          nanoTime++;
        }),
        end("enough"));

    assertThat(heartbeats()).containsExactly(1L, 1L);
    assertThat(FeedStream.HEARTBEAT_EVERY).isLessThan(Duration.ofMillis(500));
  }

  @Test
  void aSlowClientGetsTheReason() throws IOException {
    append(opened("acme"));
    FeedStream inTime = stream(ALL, 0, taking(FeedStream.UNREAD_MAX), GO_ON, end("enough"));
    assertThat(inTime.run()).isEqualTo("enough");
    assertThat(inTime.wasTooSlow()).isFalse();

    sent.reset();
    FeedStream late = stream(ALL, 0, taking(FeedStream.UNREAD_MAX.plus(NANO)), GO_ON);
    assertThat(late.run()).isEqualTo("too-slow");
    assertThat(late.wasTooSlow()).isTrue();
    assertThat(events()).containsExactly("WorkspaceOpened");
    assertThat(text()).endsWith("event: end\ndata: {\"code\":\"too-slow\"}\n\n");
  }

  @Test
  void aClientThatNeverReadsCountsAsTooSlow() {
    append(opened("acme"));
    var broken =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            nanoTime += FeedStream.UNREAD_MAX.plus(NANO).toNanos();
            throw new IOException("the write timed out");
          }
        };
    FeedStream stream = stream(ALL, 0, broken, GO_ON);

    assertThatThrownBy(stream::run).isInstanceOf(IOException.class);
    assertThat(stream.wasTooSlow()).isTrue();
  }

  @Test
  void aClientThatFallsTooFarBehindIsTooSlowUnlessItBeganThere() throws IOException {
    int most = (int) FeedStream.BEHIND_MAX + PART;
    append(issued(most + 1));
    assertThat(run(ALL, 0, GO_ON, end("enough"))).isEqualTo("enough");

    Look more = after(() -> append(issued(most)));
    assertThat(run(ALL, feed.position(), GO_ON, more, end("enough"))).isEqualTo("enough");

    Look tooMany = after(() -> append(issued(most + 1)));
    assertThat(run(ALL, feed.position(), GO_ON, tooMany)).isEqualTo("too-slow");
  }

  @Test
  void theEndOfTheNodeIsAnnounced() throws IOException {
    append(opened("acme"));
    feed.close();

    assertThat(run(ALL, 0)).isEqualTo("node-stops");
    assertThat(text()).isEqualTo("event: end\ndata: {\"code\":\"node-stops\"}\n\n");
  }

  @Test
  void aClientWithoutAccessGetsNothingMore() throws IOException {
    append(opened("acme"));

    assertThat(run(ALL, 0, end("unauthorized"))).isEqualTo("unauthorized");
    assertThat(text()).isEqualTo("event: end\ndata: {\"code\":\"unauthorized\"}\n\n");
  }

  @Test
  void eventsAppliedAfterACheckOfTheCallerAreSentAfterAnotherCheck() throws IOException {
    append(opened("acme"));

    run(ALL, 1, after(() -> append(issued(1))), end("unauthorized"));

    assertThat(events()).isEmpty();
  }

  @Test
  void aLogThatCannotBeReadEndsIt() throws IOException {
    append(opened("acme"));
    try (var tail = new LogTail(log.database, log.codec, 1, _ -> {})) { // nothing in memory
      var stream =
          new FeedStream(
              new Feed(tail, new LogReader(broken(), log.codec)),
              new FeedMessages(tokens),
              meters,
              new FeedStream.Wanted("acme", ALL, 0),
              _ -> null,
              sent,
              () -> nanoTime);

      assertThat(stream.run()).isEqualTo("store-unavailable");
    }
  }

  private String run(Set<String> types, long after, Look... looks) throws IOException {
    return stream(types, after, sent, looks).run();
  }

  private FeedStream stream(Set<String> types, long after, OutputStream out, Look... looks) {
    Iterator<Look> next = List.of(looks).iterator();
    return new FeedStream(
        feed,
        new FeedMessages(tokens),
        meters,
        new FeedStream.Wanted("acme", types, after),
        _ -> next.next().get(),
        out,
        () -> nanoTime);
  }

  /** Returns a client that takes that time to read the first part. */
  private OutputStream taking(Duration time) {
    return new OutputStream() {
      private boolean took;

      @Override
      public void write(int one) {
        sent.write(one);
      }

      @Override
      public void flush() {
        nanoTime += took ? 0 : time.toNanos();
        took = true;
      }
    };
  }

  /** Returns a source of no connections. */
  private static DataSource broken() {
    return (DataSource)
        Proxy.newProxyInstance(
            FeedStreamTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (_, _, _) -> {
              throw new SQLException("no connection");
            });
  }

  private List<LoggedEvent> append(NewEvent... events) {
    var appended = new ArrayList<LoggedEvent>();
    for (int i = 0; i < events.length; i += UNIT_MAX) {
      appended.addAll(
          log.append(Arrays.copyOfRange(events, i, Math.min(i + UNIT_MAX, events.length))));
    }
    long last = appended.getLast().position();
    await().atMost(TestLog.PATIENCE).until(() -> feed.position() == last);
    return appended;
  }

  private String text() {
    return sent.toString(UTF_8);
  }

  private List<String> events() {
    return text()
        .lines()
        .filter(line -> line.startsWith("event: "))
        .map(line -> line.substring("event: ".length()))
        .filter(name -> !name.equals("heartbeat") && !name.equals("end"))
        .toList();
  }

  private List<Long> heartbeats() {
    return HEARTBEAT.matcher(text()).results().map(found -> Long.valueOf(found.group(1))).toList();
  }

  /** Returns the first events of so many keys of the workspace. */
  private NewEvent[] issued(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            _ -> of(Histories.keyId(1, ++keys), 0, Histories.issued(1, keys, "Key", ALICE, null)))
        .toArray(NewEvent[]::new);
  }

  /** Returns a later event of the first key. */
  private static NewEvent change(int sequence, LedgerEvent event) {
    return of(Histories.keyId(1, 1), sequence, event);
  }

  private static NewEvent of(KeyId key, int sequence, LedgerEvent event) {
    return new NewEvent(
        StreamId.of(key), sequence, "acme", event, Actor.ROOT, "req", EventContext.NONE);
  }

  private static NewEvent opened(String workspace) {
    return new NewEvent(
        StreamId.ofWorkspace(workspace),
        0,
        workspace,
        new WorkspaceOpened(WorkspacePolicy.DEFAULT),
        Actor.ROOT,
        "req",
        EventContext.NONE);
  }
}
