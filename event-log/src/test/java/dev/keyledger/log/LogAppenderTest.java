package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.digest;
import static dev.keyledger.log.TestEvents.event;
import static dev.keyledger.log.TestEvents.issue;
import static dev.keyledger.log.TestEvents.issued;
import static dev.keyledger.log.TestEvents.key;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.log.KeySideRows.Reminded;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LogAppenderTest {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  /** The appender for uncontended units, which their callers write themselves. */
  private static final Executor PLATFORM_THREADS = task -> Thread.ofPlatform().start(task);

  private static final String APPENDERS =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'keyledger appender'"
          + " AND datname = current_database()";

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final EventCodec codec = new EventCodec();
  private final LogReader reader = new LogReader(database, codec);
  private final AtomicReference<Duration> clockOffset = new AtomicReference<>(Duration.ZERO);
  private final InstantSource clock = () -> Instant.now().plus(clockOffset.get());
  private final LogAppender appender = new LogAppender(database, codec, clock);

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  @Test
  void aUnitDecidedBeforeAWorkspaceChangeIsNotAppended() {
    assertThat(appender.append(List.of(issue(1)), List.of(), 0)).hasSize(1);
    appender.append(List.of(opening()));
    assertThat(reader.workspacePosition()).isEqualTo(2);
    assertThat(reader.readWorkspaces(1)).isEmpty();
    assertThat(reader.readWorkspaces(2)).hasSize(1);

    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> appender.append(List.of(issue(2)), List.of(), 1))
        .matches(conflict -> conflict.kind() == AppendConflictException.Kind.WORKSPACE);
    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> reader.requireWorkspacesUnchanged(1));
    assertThat(appender.append(List.of(issue(2)), List.of(), 2)).hasSize(1);
    assertThat(appender.append(List.of(issue(3)))).as("depends on no workspace").hasSize(1);
    reader.requireWorkspacesUnchanged(2);
  }

  @Test
  void aWorkspaceConflictFailsOnlyTheOutdatedUnits() throws Exception {
    appender.append(List.of(opening()));
    try (var held = new HeldHead(settings)) {
      var first = appendLater(issue(1)); // occupies the thread, so that the others share a batch
      held.awaitStalledAppender();
      var outdated =
          CompletableFuture.supplyAsync(
              () -> appender.append(List.of(issue(2)), List.of(), 0), THREADS);
      var current =
          CompletableFuture.supplyAsync(
              () -> appender.append(List.of(issue(3)), List.of(), 1), THREADS);
      await().until(() -> appender.queuedUnits() == 2);
      held.release();
      assertThat(first.get()).hasSize(1);
      assertThat(current.get()).hasSize(1);
      assertThatThrownBy(outdated::get).hasCauseInstanceOf(AppendConflictException.class);
    }
    assertThat(reader.head().position()).isEqualTo(3);
  }

  private static NewEvent opening() {
    return new NewEvent(
        StreamId.ofWorkspace("acme"),
        0,
        "acme",
        new WorkspaceOpened(WorkspacePolicy.DEFAULT),
        Actor.ROOT,
        "req-w",
        EventContext.NONE);
  }

  @Test
  void appendedEventsAreReadBack() {
    List<LoggedEvent> appended = appender.append(List.of(issue(1), change(1, 1), issue(2)));

    assertThat(appended).extracting(LoggedEvent::position).containsExactly(1L, 2L, 3L);
    assertThat(reader.readAfter(0, 10)).isEqualTo(appended);
    assertThat(reader.readAfter(1, 1)).isEqualTo(appended.subList(1, 2));
    assertThat(reader.readStream(StreamId.of(key(1)))).isEqualTo(appended.subList(0, 2));
    assertThat(reader.readStream(StreamId.of(key(1)), 1)).isEqualTo(appended.subList(1, 2));
    assertThat(reader.readStream(StreamId.of(key(3)))).isEmpty();
    assertThat(reader.head())
        .isEqualTo(new Head(database.storeId(), 1, 3, appended.getLast().time()));
    assertThat(reader.lastPositionBefore(appended.getLast().time())).isZero();
    assertThat(reader.lastPositionBefore(appended.getLast().time().plusNanos(1000))).isEqualTo(3);
  }

  @Test
  void aLeafIdentifiesItsEventOnly() {
    List<LoggedEvent> appended = appender.append(List.of(issue(1), change(1, 1)));

    Leaf second = reader.leafAt(2).orElseThrow();
    assertThat(second.isOf(appended.get(1))).isTrue();
    assertThat(second.isOf(appended.get(0))).isFalse();
    assertThat(second.hash()).isNotEqualTo(reader.leafAt(1).orElseThrow().hash());
    assertThat(reader.leafAt(3)).isEmpty();
  }

  @Test
  void anEmptyUnitDoesNothing() {
    assertThat(appender.append(List.of())).isEmpty();
    assertThat(reader.head().position()).isZero();
  }

  @Test
  void aUnitHasAtMostAThousandEvents() {
    List<NewEvent> most = LongStream.range(0, 1000).mapToObj(TestEvents::issue).toList();
    List<NewEvent> tooMany = LongStream.range(0, 1001).mapToObj(TestEvents::issue).toList();

    assertThatIllegalArgumentException().isThrownBy(() -> appender.append(tooMany));
    assertThat(appender.append(most)).last().extracting(LoggedEvent::position).isEqualTo(1000L);
  }

  @Test
  void aTextThatPostgresCannotStoreIsRejectedBeforeItHarmsABatch() {
    for (String text : List.of("nul\0", "half a pair \ud83d")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              new NewEvent(
                  StreamId.of(key(1)),
                  0,
                  "default",
                  new KeySuspended(),
                  Actor.ROOT,
                  text,
                  EventContext.NONE));
    }
    assertThat(appender.append(List.of(issue(1)))).hasSize(1);
  }

  @Test
  void manyAppendersLeaveNoGapsAndKeepTheOrderOfEachStream() throws Exception {
    int callers = 64;
    int events = 40;
    var all = new ArrayList<CompletableFuture<List<LoggedEvent>>>();
    for (int caller = 0; caller < callers; caller++) {
      int key = caller;
      all.add(
          CompletableFuture.supplyAsync(
              () -> {
                var mine = new ArrayList<>(appender.append(List.of(issue(key))));
                for (int sequence = 1; sequence < events; sequence++) {
                  mine.addAll(appender.append(List.of(change(key, sequence))));
                }
                return mine;
              },
              THREADS));
    }
    var acknowledged = new ArrayList<LoggedEvent>();
    for (var one : all) {
      List<LoggedEvent> mine = one.get(15, TimeUnit.SECONDS);
      assertThat(mine).extracting(LoggedEvent::position).isSorted();
      acknowledged.addAll(mine);
    }
    List<LoggedEvent> log = reader.readAfter(0, callers * events + 1);
    assertThat(log).hasSize(callers * events);
    assertThat(log)
        .extracting(LoggedEvent::position)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, log.size()).boxed().toList());
    assertThat(log).containsExactlyInAnyOrderElementsOf(acknowledged);
    assertThat(log).extracting(LoggedEvent::time).isSorted();
  }

  @Test
  void aConflictFailsOnlyTheUnitThatCausedIt() throws Exception {
    appender.append(List.of(issue(1)));
    try (var head = new HeldHead(settings)) {
      var first = appendLater(issue(100));
      head.awaitStalledAppender();
      // These five become one batch.
      var good = appendLater(issue(2));
      awaitQueued(1);
      var stale = appendLater(issue(3), event(1, 0, new KeySuspended()));
      var known = appendLater(event(4, 0, issued(1)));
      var twin = appendLater(issue(2));
      var alsoGood = appendLater(change(1, 1));
      awaitQueued(5);
      head.release();

      assertThat(first.get()).hasSize(1);
      assertThat(good.get()).hasSize(1);
      assertThat(alsoGood.get()).hasSize(1);
      assertThat(conflictOf(stale).kind()).isEqualTo(AppendConflictException.Kind.SEQUENCE);
      assertThat(conflictOf(stale).streams())
          .containsExactlyInAnyOrder(StreamId.of(key(1)), StreamId.of(key(3)));
      assertThat(conflictOf(known).kind()).isEqualTo(AppendConflictException.Kind.DIGEST);
      assertThat(conflictOf(known).digests()).containsExactly(digest(1));
      assertThat(conflictOf(twin)).isNotNull();
    }
    assertThat(reader.head().position()).isEqualTo(4);
    assertThat(reader.readAfter(0, 10))
        .extracting(LoggedEvent::position)
        .containsExactly(1L, 2L, 3L, 4L);
    assertThat(count("SELECT count(*) FROM log.key_secret")).isEqualTo(3);
  }

  @Test
  void sideRowsFollowFromTheEvents() throws SQLException {
    appender.append(List.of(issue(1)));
    appender.append(
        List.of(
            event(1, 1, new KeyRotated(2, new StoredSecret(digest(50), 1, null), Instant.EPOCH)),
            event(1, 2, new KeyTransferred(new Owner(OwnerType.APP, "web"))),
            event(1, 3, new KeyTransferred(new Owner(OwnerType.USER, "u1")))));

    assertThat(count("SELECT sum(generation) FROM log.key_secret WHERE key_id = '" + key(1) + "'"))
        .isEqualTo(3);
    assertThat(owned(OwnerType.APP, "web")).isEmpty();
    assertThat(owned(OwnerType.USER, "u1")).containsExactly(key(1));
  }

  @Test
  void aKeyHasAnOwnerUntilItIsRevoked() throws SQLException {
    appender.append(List.of(issue(1), issue(2), issue(3)));
    appender.append(List.of(event(1, 1, new KeyRevoked(RevocationReason.UNSPECIFIED))));
    appender.append(
        List.of(
            event(3, 1, new KeyTransferred(new Owner(OwnerType.USER, "u1"))),
            event(3, 2, new KeyRevoked(RevocationReason.UNSPECIFIED))));

    assertThat(count("SELECT count(*) FROM log.key_owner")).isEqualTo(1);
    assertThat(owned(OwnerType.USER, "u1")).isEmpty();
  }

  private List<KeyId> owned(OwnerType type, String id) {
    return new KeySideRows(database).ownedBy("default", new Owner(type, id), null, 10);
  }

  /** Checks that a reminder is recorded once, however often it is found due. */
  @Test
  void aReminderIsRecordedOnceForEachKeyOffsetAndExpiry() throws SQLException {
    Instant end = Instant.parse("2030-01-01T00:00:00.000000001Z");
    var week = new ExpiryApproaching(Duration.ofDays(7), end);
    var expired = new KeyExpired(end);
    appender.append(List.of(issue(1), issue(2)));
    Instant time =
        appender.append(List.of(event(1, 1, week), event(1, 2, expired))).getFirst().time();

    for (var again : List.of(week, expired)) {
      assertThatExceptionOfType(AppendConflictException.class)
          .isThrownBy(() -> appender.append(List.of(event(1, 3, again))))
          .matches(conflict -> conflict.kind() == AppendConflictException.Kind.REMINDER);
    }
    var dayBefore = new ExpiryApproaching(Duration.ofDays(1), end);
    var otherEnd = new ExpiryApproaching(Duration.ofDays(7), end.plusNanos(1));
    appender.append(List.of(event(1, 3, dayBefore), event(1, 4, otherEnd), event(2, 1, week)));

    Map<KeyId, List<Reminded>> recorded =
        new KeySideRows(database).reminders(List.of(key(1), key(2), key(3)));
    assertThat(recorded.get(key(1)))
        .extracting(Reminded::reminder)
        .containsExactlyInAnyOrder(week, expired, dayBefore, otherEnd);
    assertThat(recorded.get(key(1))).contains(new Reminded(week, time));
    assertThat(recorded.get(key(2))).extracting(Reminded::reminder).containsExactly(week);
    assertThat(recorded).doesNotContainKey(key(3));
    assertThat(reader.head().position()).isEqualTo(7);
  }

  @Test
  void aDigestStaysTakenWhenItsKeyIsRotatedAway() {
    appender.append(List.of(issue(1)));
    var reused =
        event(1, 1, new KeyRotated(2, new StoredSecret(digest(1), 1, null), Instant.EPOCH));

    assertThatThrownBy(() -> appender.append(List.of(reused)))
        .isInstanceOfSatisfying(
            AppendConflictException.class,
            e -> assertThat(e.kind()).isEqualTo(AppendConflictException.Kind.DIGEST));
    assertThat(reader.head().position()).isEqualTo(1);
  }

  @Test
  void killingTheBackendDuringAnAppendLeavesAKnownOutcome() throws Exception {
    try (var head = new HeldHead(settings)) {
      var pending = appendLater(issue(1), change(1, 1));
      int pid = head.awaitStalledAppender();
      TestDatabases.execute(settings, "SELECT pg_terminate_backend(" + pid + ")");
      await().until(() -> head.awaitStalledAppender() != pid);
      head.release();

      assertThat(pending.get()).extracting(LoggedEvent::position).containsExactly(1L, 2L);
    }
    assertThat(reader.readAfter(0, 10)).hasSize(2);
  }

  @Test
  void aHeadThatIsHeldTooLongFailsTheAppendCleanly() throws Exception {
    try (var head = new HeldHead(settings)) {
      assertThatExceptionOfType(StoreUnavailableException.class)
          .isThrownBy(() -> appender.append(List.of(issue(1))));
      head.release();
    }
    assertThat(appender.append(List.of(issue(1)))).hasSize(1);
  }

  @Test
  void anAppendWhoseResponseWasLostIsFoundInTheLog() throws Exception {
    try (var proxy = new CuttingProxy(TestDatabases.portOf(settings));
        var remote = LedgerDatabase.open(TestDatabases.through(proxy, settings));
        var cutOff = new LogAppender(remote, codec, clock)) {
      cutOff.append(List.of(issue(1)));
      proxy.cutNextAnswer(false);

      assertThat(cutOff.append(List.of(issue(2), change(2, 1))))
          .extracting(LoggedEvent::position)
          .containsExactly(2L, 3L);
    }
    assertThat(reader.head().position()).isEqualTo(3);
  }

  @Test
  void anUndeterminedOutcomeIsReportedAsUnknown() throws Exception {
    try (var proxy = new CuttingProxy(TestDatabases.portOf(settings));
        var remote = LedgerDatabase.open(TestDatabases.through(proxy, settings));
        var cutOff = new LogAppender(remote, codec, clock, (_, _) -> {}, Duration.ofSeconds(1))) {
      cutOff.append(List.of(issue(1)));
      proxy.cutNextAnswer(true);

      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(() -> cutOff.append(List.of(issue(2))));
      assertThatExceptionOfType(StoreUnavailableException.class)
          .isThrownBy(() -> cutOff.append(List.of(issue(3))));
    }
    assertThat(reader.readAfter(0, 10)).extracting(LoggedEvent::sequence).hasSize(2);
  }

  @Test
  void aWrongClockRejectsAppendsUntilItIsRight() {
    appender.append(List.of(issue(1)));
    for (Duration offset : List.of(Duration.ofSeconds(-3), Duration.ofHours(1))) {
      clockOffset.set(offset);
      assertThatExceptionOfType(StoreUnavailableException.class)
          .isThrownBy(() -> appender.append(List.of(issue(1))))
          .withMessageContaining("clock");
      long before = reader.head().position();
      clockOffset.set(Duration.ZERO);
      await()
          .atMost(Duration.ofSeconds(3))
          .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
          .until(() -> appender.append(List.of(change(1, before))).size() == 1);
    }
  }

  @Test
  void aFailureOfItsThreadDoesNotEndTheAppends() throws Exception {
    var failed = new CountDownLatch(1);
    InstantSource failing =
        () -> {
          if (Thread.currentThread().getName().equals("keyledger-appender")
              && failed.getCount() > 0) {
            failed.countDown();
            throw new AssertionError("for this test");
          }
          return clock.instant();
        };
    try (var supervised = new LogAppender(database, codec, failing)) {
      assertThat(failed.await(10, TimeUnit.SECONDS)).as("heartbeat").isTrue();
      for (int key = 1; key <= 20; key++) {
        int each = key;
        assertThat(
                CompletableFuture.supplyAsync(
                    () -> supervised.append(List.of(issue(each))), THREADS))
            .succeedsWithin(Duration.ofSeconds(5));
      }
      assertThat(supervised.isOpen()).isTrue();
    }
  }

  @Test
  void aNewIncarnationStopsNodesOfTheFormerOne() {
    appender.append(List.of(issue(1)));
    database.newIncarnation();

    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> appender.append(List.of(issue(2))))
        .withMessageContaining("incarnation");
    assertThat(reader.head().position()).isEqualTo(1);
    try (var restarted = LedgerDatabase.open(settings);
        var next = new LogAppender(restarted, codec, clock)) {
      assertThat(next.append(List.of(issue(2)))).hasSize(1);
    }
  }

  @Test
  void anInterruptDoesNotEndTheWait() throws Exception {
    try (var head = new HeldHead(settings)) {
      var flag = new CompletableFuture<Boolean>();
      Thread caller =
          Thread.ofPlatform()
              .start(() -> {
                appender.append(List.of(issue(1)));
                flag.complete(Thread.currentThread().isInterrupted());
              });
      head.awaitStalledAppender();
      caller.interrupt();
      head.release();

      assertThat(flag.get(5, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(reader.head().position()).isEqualTo(1);
  }

  @Test
  void aUnitQueuedDuringAnUncontendedWriteIsWrittenNext() throws Exception {
    try (var head = new HeldHead(settings)) {
      var alone = appendLater(PLATFORM_THREADS, issue(1));
      head.awaitStalledAppender();
      var next = List.of(appendLater(PLATFORM_THREADS, issue(2)), appendLater(issue(3)));
      head.release();

      assertThat(alone.get(5, TimeUnit.SECONDS)).hasSize(1);
      for (var one : next) {
        assertThat(one.get(5, TimeUnit.SECONDS)).hasSize(1);
      }
    }
    assertThat(reader.head().position()).isEqualTo(3);
  }

  @Test
  void closingLetsAnUncontendedWriteComplete() throws Exception {
    try (var head = new HeldHead(settings)) {
      var alone = appendLater(PLATFORM_THREADS, issue(1));
      head.awaitStalledAppender();
      var closing = CompletableFuture.runAsync(appender::close, THREADS);
      head.release();

      assertThat(alone.get(5, TimeUnit.SECONDS)).hasSize(1);
      closing.get(10, TimeUnit.SECONDS);
    }
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> appender.append(List.of(issue(2))));
    await().until(() -> count(APPENDERS) == 0);
  }

  @Test
  void aUnitBeyondTheQueueIsRejected() throws Exception {
    try (var head = new HeldHead(settings)) {
      var all = new ArrayList<Future<List<LoggedEvent>>>();
      all.add(appendLater(issue(0)));
      head.awaitStalledAppender();
      for (int i = 1; i <= LogAppender.QUEUED_UNITS_MAX; i++) {
        all.add(appendLater(issue(i)));
      }
      awaitQueued(LogAppender.QUEUED_UNITS_MAX);

      assertThatExceptionOfType(StoreUnavailableException.class)
          .isThrownBy(() -> appender.append(List.of(issue(5000))))
          .withMessageContaining("too many");

      head.release();
      for (var one : all) {
        assertThat(one.get(10, TimeUnit.SECONDS)).hasSize(1);
      }
    }
  }

  @Test
  void closingLeavesNoCallerWaiting() throws Exception {
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> done =
          IntStream.range(0, 64)
              .mapToObj(caller ->
                  callers.submit(() -> {
                    int appended = 0;
                    while (appended < 100_000) {
                      appender.append(List.of(issue(caller * 100_000L + appended)));
                      appended++;
                    }
                    return appended;
                  }))
              .toList();
      await().until(() -> reader.head().position() > 500);
      appender.close();

      for (Future<Integer> one : done) {
        assertThat(catchThrowable(() -> one.get(5, TimeUnit.SECONDS)))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(StoreUnavailableException.class);
      }
    }
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> appender.append(List.of(issue(9_999_999))));
  }

  /** Appends on the appender's thread. */
  private CompletableFuture<List<LoggedEvent>> appendLater(NewEvent... unit) {
    return appendLater(THREADS, unit);
  }

  private CompletableFuture<List<LoggedEvent>> appendLater(Executor threads, NewEvent... unit) {
    return CompletableFuture.supplyAsync(() -> appender.append(List.of(unit)), threads);
  }

  private void awaitQueued(int units) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(3))
        .until(() -> appender.queuedUnits() == units);
  }

  private static AppendConflictException conflictOf(CompletableFuture<?> unit) {
    var failure = catchThrowableOfType(CompletionException.class, unit::join);
    assertThat(failure).isNotNull().hasCauseInstanceOf(AppendConflictException.class);
    return (AppendConflictException) requireNonNull(failure.getCause());
  }

  private long count(String sql) throws SQLException {
    try (Connection session = TestDatabases.session(settings);
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
