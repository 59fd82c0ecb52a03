package dev.keyledger.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.NewEvent;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.TestLog;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FeedTest {
  private static final String WORKSPACE = "default";

  private final TestLog log = TestLog.empty();
  private final Feed feed = new Feed(log.tail, log.reader);
  private final List<AutoCloseable> more = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    feed.close();
    for (AutoCloseable one : more) {
      one.close();
    }
    log.close();
  }

  @Test
  void theEventsOfAWorkspaceComeInPartsFromMemoryAndFromTheLogAlike() {
    log.append(new Histories(1, 1).next(3 * Feed.PART_EVENTS_MAX));
    awaitApplied(log.tail);
    List<LoggedEvent> all = log.reader.readAfter(0, Integer.MAX_VALUE);
    List<LoggedEvent> own =
        all.stream().filter(event -> event.workspace().equals(WORKSPACE)).toList();
    assertThat(own).hasSizeBetween(2 * Feed.PART_EVENTS_MAX + 1, all.size() - 1);

    for (Feed source : List.of(feed, withNothingInMemory(log.reader))) {
      List<Feed.Part> parts = parts(source, WORKSPACE, 0);
      assertThat(parts)
          .allSatisfy(part -> {
            assertThat(part.events()).hasSizeLessThanOrEqualTo(Feed.PART_EVENTS_MAX);
            assertThat(part.behind()).isEqualTo(all.size() - part.position());
          });
      assertThat(parts.stream().flatMap(part -> part.events().stream())).isEqualTo(own);
      for (Feed.Part part : parts.subList(0, parts.size() - 1)) {
        LoggedEvent next = all.get((int) part.position());
        assertThat(part.asOf()).isBefore(next.time());
      }
    }
    assertThat(feed.after(WORKSPACE, all.size()).orElseThrow().events()).isEmpty();
  }

  @Test
  void aReadOfTheLogLooksAtABoundedNumberOfEvents() {
    log.append(opened("quiet"));
    var others = new Histories(2, 2);
    for (int left = Feed.READ_EVENTS_MAX - 1; left > 0; left -= 1000) {
      log.append(others.next(Math.min(left, 1000)).toArray(NewEvent[]::new));
    }
    assertThat(parts(withNothingInMemory(log.reader), "quiet", 0))
        .singleElement()
        .satisfies(part -> assertThat(part.position()).isEqualTo(Feed.READ_EVENTS_MAX));

    log.append(opened("another"));
    List<Feed.Part> parts = parts(withNothingInMemory(log.reader), "quiet", 0);
    assertThat(parts)
        .extracting(Feed.Part::position)
        .containsExactly((long) Feed.READ_EVENTS_MAX, Feed.READ_EVENTS_MAX + 1L);
    assertThat(parts.getFirst().events()).hasSize(1);
    assertThat(parts.getLast().events()).isEmpty();
  }

  @Test
  void fewReadTheLogAtOnceAndTheOthersTryAgain() throws Exception {
    log.append(opened("one"));
    var permits = new Semaphore(0);
    Feed source = withNothingInMemory(new LogReader(waitingFor(permits), log.codec));
    List<CompletableFuture<Optional<Feed.Part>>> reading =
        IntStream.range(0, Feed.READS_AT_ONCE_MAX)
            .mapToObj(_ -> CompletableFuture.supplyAsync(() -> source.after("one", 0), this::run))
            .toList();
    await().until(() -> permits.getQueueLength() == Feed.READS_AT_ONCE_MAX);

    assertThat(source.after("one", 0)).isEmpty();

    permits.release(Integer.MAX_VALUE);
    for (var each : reading) {
      assertThat(each.get().orElseThrow().events()).hasSize(1);
    }
    assertThat(source.after("one", 0)).isPresent();
  }

  @Test
  void allWhoWaitAreWokenByAnEventWhateverItsWorkspace() {
    feed.start();
    for (int i = 0; i < 3; i++) {
      long position = feed.position();
      List<CompletableFuture<Void>> waiting = waitersFor(position, 20);
      log.append(opened("workspace-" + i));
      assertAllWoken(waiting);
      assertThat(feed.position()).isEqualTo(position + 1);
    }
  }

  @Test
  void theEndWakesThemToo() {
    feed.start();
    List<CompletableFuture<Void>> waiting = waitersFor(0, 20);
    assertThat(feed.isOpen()).isTrue();
    feed.close();
    assertAllWoken(waiting);
    assertThat(feed.isOpen()).isFalse();
    feed.await(0, TestLog.PATIENCE); // does not wait
  }

  private static void assertAllWoken(List<CompletableFuture<Void>> waiting) {
    assertThat(CompletableFuture.allOf(waiting.toArray(CompletableFuture<?>[]::new)))
        .succeedsWithin(TestLog.PATIENCE);
  }

  private List<CompletableFuture<Void>> waitersFor(long position, int count) {
    return IntStream.range(0, count)
        .mapToObj(_ ->
            CompletableFuture.runAsync(
                () -> feed.await(position, TestLog.PATIENCE.multipliedBy(10)), this::run))
        .toList();
  }

  private void run(Runnable task) {
    Thread.ofVirtual().start(task);
  }

  /** Returns all parts after a position. */
  private static List<Feed.Part> parts(Feed source, String workspace, long position) {
    var parts = new ArrayList<Feed.Part>();
    do {
      parts.add(
          source
              .after(workspace, parts.isEmpty() ? position : parts.getLast().position())
              .orElseThrow());
    } while (parts.getLast().behind() > 0);
    return parts;
  }

  /** Returns the feed of a node that has just been started. */
  private Feed withNothingInMemory(LogReader reader) {
    var tail = new LogTail(log.database, log.codec, log.reader.head().position(), _ -> {});
    tail.start();
    more.add(tail);
    awaitApplied(tail);
    return new Feed(tail, reader);
  }

  private void awaitApplied(LogTail tail) {
    long head = log.reader.head().position();
    await().atMost(TestLog.PATIENCE).until(() -> tail.caughtUpOnce() && tail.position() == head);
  }

  /** Returns a source of connections, each of which needs a permit. */
  private DataSource waitingFor(Semaphore permits) {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (_, method, arguments) -> {
              permits.acquire();
              return method.invoke(log.database.dataSource(), arguments);
            });
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
