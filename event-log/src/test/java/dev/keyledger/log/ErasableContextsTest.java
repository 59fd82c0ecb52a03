package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.event;
import static dev.keyledger.log.TestEvents.issue;
import static dev.keyledger.log.TestEvents.issued;
import static dev.keyledger.log.TestEvents.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.ContextErased;
import dev.keyledger.events.Digest;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspacePolicy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Contexts are found until they are erased, and erased together with the event that records it. */
@Timeout(60)
class ErasableContextsTest {
  private static final int MAX = LogAppender.ERASED_EVENTS_MAX;
  private static final Actor OPERATOR = new Actor(ActorType.OPERATOR, "key_a");
  private static final EventContext CONTEXT = new EventContext("why", "203.0.113.9", "curl/8");

  private final LedgerDatabase database = LedgerDatabase.open(TestDatabases.empty());
  private final EventCodec codec = new EventCodec();
  private final LogReader reader = new LogReader(database, codec);
  private final ErasableContexts contexts = new ErasableContexts(database);
  private final LogAppender appender = new LogAppender(database, codec, InstantSource.system());

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  @Test
  void anErasureAndItsEventAreOneAppend() {
    List<LoggedEvent> before = appender.append(List.of(issue(1), change(1, 1), issue(2)));
    List<Digest> leaves = leaves(3);

    ErasableContexts.Found found = contexts.on(key(1), "default", MAX);
    assertThat(found).isEqualTo(new ErasableContexts.Found(List.of(1L, 2L), false, 0));
    LoggedEvent recorded = erase(0, new ContextErased(null, key(1).value(), 2), found).getFirst();

    List<LoggedEvent> log = reader.readAfter(0, 9);
    assertThat(log).hasSize(4);
    assertThat(log.subList(0, 2)).extracting(LoggedEvent::context).containsOnlyNulls();
    assertThat(log.get(0).event()).isEqualTo(before.get(0).event());
    assertThat(log.get(2)).isEqualTo(before.get(2));
    assertThat(log.get(3)).isEqualTo(recorded);
    assertThat(recorded.context()).isEqualTo(CONTEXT);
    assertThat(leaves(3)).isEqualTo(leaves);
    assertThat(contexts.on(key(1), "default", MAX).positions()).isEmpty();
  }

  @Test
  void anErasureThatIsNotRecordedErasesNothing() {
    List<LoggedEvent> before = appender.append(List.of(issue(1)));
    ErasableContexts.Found found = contexts.by(Actor.ROOT, "default", MAX);
    WorkspaceEvent erased = new ContextErased(Actor.ROOT, null, 1);
    appender.append(List.of(ofWorkspace("other", 0, new PolicyChanged(WorkspacePolicy.DEFAULT))));

    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> erase(0, erased, found))
        .matches(conflict -> conflict.kind() == AppendConflictException.Kind.WORKSPACE);
    ErasableContexts.Found again = contexts.by(Actor.ROOT, "default", MAX);
    assertThat(again).isEqualTo(new ErasableContexts.Found(List.of(1L), false, 2));
    appender.append(List.of(ofWorkspace("default", 0, new PolicyChanged(WorkspacePolicy.DEFAULT))));
    ErasableContexts.Found found3 = new ErasableContexts.Found(again.positions(), false, 3);
    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> erase(0, erased, found3))
        .matches(conflict -> conflict.kind() == AppendConflictException.Kind.SEQUENCE);

    assertThat(reader.readAfter(0, 1)).isEqualTo(before);
    assertThat(erase(1, erased, found3)).hasSize(1);
    assertThat(reader.readAfter(0, 1)).extracting(LoggedEvent::context).containsOnlyNulls();
  }

  @Test
  void anErasureErasesAsManyAsItsEventRecords() {
    appender.append(List.of(issue(1), issue(2)));
    NewEvent one = ofWorkspace("default", 0, new ContextErased(Actor.ROOT, null, 1));

    for (List<Long> others : List.of(List.<Long>of(), List.of(1L, 2L))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> appender.append(List.of(one), List.of(), 0, others));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> appender.append(List.of(issue(3)), List.of(), 0, List.of(1L)));
    List<Long> tooMany = LongStream.rangeClosed(1, MAX + 1).boxed().toList();
    NewEvent many = ofWorkspace("default", 0, new ContextErased(Actor.ROOT, null, MAX + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> appender.append(List.of(many), List.of(), 0, tooMany));
    assertThat(reader.readAfter(0, 9)).hasSize(2).noneMatch(event -> event.context() == null);
  }

  @Test
  void theNearestCasesAreSeparate() {
    var sameIdOfAHolder = new Actor(ActorType.HOLDER, "key_a");
    var events = new ArrayList<NewEvent>();
    events.add(by(OPERATOR, "default", 1));
    events.add(by(new Actor(ActorType.OPERATOR, "key_ab"), "default", 2));
    events.add(by(sameIdOfAHolder, "default", 3));
    events.add(by(OPERATOR, "other", 4));
    events.add(by(Actor.ROOT, "default", 5));
    events.add(by(Actor.SYSTEM, "default", 6));
    events.add(by(Actor.ROOT, "other", 7));
    events.add(event(1, 1, new KeySuspended()));
    appender.append(events);
    appender.append(List.of(ofWorkspace("default", 0, new PolicyChanged(WorkspacePolicy.DEFAULT))));

    assertThat(contexts.by(OPERATOR, "default", MAX).positions()).containsExactly(1L);
    assertThat(contexts.by(sameIdOfAHolder, "default", MAX).positions()).containsExactly(3L);
    assertThat(contexts.by(OPERATOR, "other", MAX).positions()).containsExactly(4L);
    assertThat(contexts.by(Actor.ROOT, "default", MAX).positions()).containsExactly(5L, 8L, 9L);
    assertThat(contexts.by(Actor.ANONYMOUS, "default", MAX).positions()).isEmpty();
    assertThat(contexts.on(key(1), "default", MAX).positions()).containsExactly(1L, 8L);
    assertThat(contexts.on(key(1), "other", MAX).positions()).isEmpty();
    assertThat(contexts.on(key(9), "default", MAX).positions()).isEmpty();

    erase(1, new ContextErased(Actor.ROOT, null, 3), contexts.by(Actor.ROOT, "default", MAX));
    assertThat(contexts.by(Actor.ROOT, "default", MAX).positions())
        .as("who erased, and why, is kept")
        .isEmpty();
    assertThat(contexts.by(Actor.ROOT, "other", MAX).positions()).containsExactly(7L);
  }

  @Test
  void tenThousandAreErasedAtOnceAndTheRestAfterwards() {
    long number = 0;
    for (int unit = 0; unit < 10; unit++) {
      var events = new ArrayList<NewEvent>();
      while (events.size() < LogAppender.UNIT_EVENTS_MAX) {
        events.add(by(OPERATOR, "default", number++));
      }
      appender.append(events);
    }
    ErasableContexts.Found all = contexts.by(OPERATOR, "default", MAX);
    assertThat(all.positions()).hasSize(MAX);
    assertThat(all.more()).isFalse();
    appender.append(List.of(by(OPERATOR, "default", number)));

    ErasableContexts.Found first = contexts.by(OPERATOR, "default", MAX);
    assertThat(first.positions()).hasSize(MAX).isSorted();
    assertThat(first.more()).isTrue();
    erase(0, new ContextErased(OPERATOR, null, MAX), first);
    ErasableContexts.Found rest = contexts.by(OPERATOR, "default", MAX);
    assertThat(rest.positions()).hasSize(1).doesNotContainAnyElementsOf(first.positions());
    assertThat(rest.more()).isFalse();
    erase(1, new ContextErased(OPERATOR, null, 1), rest);

    assertThat(contexts.by(OPERATOR, "default", MAX).positions()).isEmpty();
    assertThat(reader.readAfter(0, MAX + 1))
        .extracting(LoggedEvent::context)
        .hasSize(MAX + 1)
        .containsOnlyNulls();
  }

  private List<LoggedEvent> erase(
      long sequence, WorkspaceEvent event, ErasableContexts.Found found) {
    return appender.append(
        List.of(ofWorkspace("default", sequence, event)),
        List.of(),
        found.workspacesKnown(),
        found.positions());
  }

  private List<Digest> leaves(long upTo) {
    return LongStream.rangeClosed(1, upTo)
        .mapToObj(position -> reader.leafAt(position).orElseThrow().hash())
        .toList();
  }

  private static NewEvent by(Actor actor, String workspace, long number) {
    return newEvent(StreamId.of(key(number)), 0, workspace, issued(number), actor);
  }

  private static NewEvent ofWorkspace(String workspace, long sequence, WorkspaceEvent event) {
    return newEvent(StreamId.ofWorkspace(workspace), sequence, workspace, event, Actor.ROOT);
  }

  private static NewEvent newEvent(
      StreamId stream, long sequence, String workspace, LedgerEvent event, Actor actor) {
    return new NewEvent(stream, sequence, workspace, event, actor, "req", CONTEXT);
  }
}
