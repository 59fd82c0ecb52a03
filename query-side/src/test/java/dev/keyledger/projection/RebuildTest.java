package dev.keyledger.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.keyledger.audit.AuditFilter;
import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ContextErased;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.NewEvent;
import dev.keyledger.projection.Projection.TableSet;
import java.sql.Connection;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RebuildTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aProjectionRebuiltFromZeroEqualsTheLiveOne(long seed) {
    try (TestLog log = TestLog.following()) {
      var history = new Histories(seed, 1);
      log.append(history.next(700));
      log.awaitApplied();
      List<String> live = digests(log);

      var lines = new ArrayList<String>();
      rebuild(log, lines);

      assertThat(digests(log)).as("seed %d", seed).isEqualTo(live);
      assertThat(lines)
          .anySatisfy(line -> assertThat(line).matches("directory: 700 of 700 events, .* left"))
          .contains("directory: rebuilt up to position 700", "audit: rebuilt up to position 700");

      log.append(history.next(100));
      log.awaitApplied();
      live = digests(log);
      rebuild(log, lines);
      assertThat(digests(log)).as("seed %d, after more", seed).isEqualTo(live);
    }
  }

  @Test
  void anErasureLeavesTheListsAsARebuildMakesThem() {
    try (TestLog log = TestLog.following()) {
      var history = new Histories(61, 1);
      log.append(history.next(200));
      log.awaitApplied();
      StreamId key =
          log.reader.readAfter(0, 200).stream()
              .map(LoggedEvent::stream)
              .filter(stream -> stream.kind() == StreamId.Kind.KEY)
              .findFirst()
              .orElseThrow();
      List<Long> onKey = log.reader.readStream(key).stream().map(LoggedEvent::position).toList();
      assertThat(onKey).hasSizeGreaterThan(1);

      LoggedEvent erasure =
          log.erase(
                  new NewEvent(
                      StreamId.ofWorkspace("default"),
                      0,
                      "default",
                      new ContextErased(null, key.id(), onKey.size()),
                      Actor.ROOT,
                      "req",
                      new EventContext("asked for", "203.0.113.8", null)),
                  onKey)
              .getFirst();
      List<Long> shownAsErased = shownAsErased(log);
      assertThat(shownAsErased).as("before the lists apply it").isEqualTo(onKey);
      log.append(history.next(100));
      log.awaitApplied();

      List<String> live = digests(log);
      rebuild(log, new ArrayList<>());
      assertThat(digests(log)).isEqualTo(live);
      assertThat(shownAsErased(log)).isEqualTo(onKey);
      assertThat(entries(log))
          .filteredOn(entry -> entry.position() == erasure.position())
          .extracting(AuditEntry::reason, AuditEntry::ip)
          .containsExactly(tuple("asked for", "203.0.113.8"));
    }
  }

  private static List<Long> shownAsErased(TestLog log) {
    return entries(log).stream()
        .filter(entry -> Boolean.TRUE.equals(entry.erased()))
        .map(AuditEntry::position)
        .toList();
  }

  private static List<AuditEntry> entries(TestLog log) {
    return log.audit.entries("default", AuditFilter.ALL, Order.OLDEST_FIRST, null, 1000).entries();
  }

  @Test
  void differentEventsGiveAnotherDigest() {
    try (TestLog log = TestLog.following()) {
      log.append(new Histories(5, 1).next(50));
      log.awaitApplied();
      List<String> before = digests(log);

      log.append(
          Histories.eventOf(
              Histories.keyId(9, 1),
              0,
              Histories.issued(9, 1, "One more", new Owner(OwnerType.APP, "a"), null),
              Actor.ROOT));
      log.awaitApplied();

      assertThat(digests(log).get(0)).isNotEqualTo(before.get(0));
      assertThat(digests(log).get(1)).isNotEqualTo(before.get(1));
    }
  }

  /** Events that are applied twice, in pages of any size, leave the same rows. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void applyingAnEventTwiceChangesNothing(long seed) throws Exception {
    try (TestLog log = TestLog.following();
        Connection connection = log.projections.openAsOwner()) {
      log.append(new Histories(seed, 1).next(300));
      log.awaitApplied();
      List<String> once = digests(log);

      var random = new Random(seed);
      List<LoggedEvent> all = log.reader.readAfter(0, 1000);
      for (Projection projection : projections(log)) {
        for (int i = 0; i < 20; i++) {
          int from = random.nextInt(all.size() - 1);
          int to = from + 1 + random.nextInt(all.size() - from - 1);
          projection.apply(connection, TableSet.LIVE, all.subList(from, to));
        }
      }
      assertThat(digests(log)).as("seed %d", seed).isEqualTo(once);
    }
  }

  @Test
  void anInterruptedRebuildContinuesAndListsNeverShowAPart() {
    try (TestLog log = TestLog.following()) {
      log.append(new Histories(21, 1).next(2500));
      log.awaitApplied();
      List<String> live = digests(log);

      assertThatThrownBy(() ->
              new Rebuild(log.projections, log.reader, line -> breakOff(line, "2500 of"))
                  .run(log.directoryProjection))
          .hasMessage("broken off");
      assertThat(digests(log)).isEqualTo(live);

      var lines = new ArrayList<String>();
      rebuild(log, lines);
      assertThat(lines).contains("directory: continuing a rebuild after position 2500");
      assertThat(digests(log)).isEqualTo(live);
    }
  }

  @Test
  void eventsAppendedDuringARebuildAreInBoth() {
    try (TestLog log = TestLog.following()) {
      var history = new Histories(31, 1);
      log.append(history.next(200));
      log.awaitApplied();

      new Rebuild(
              log.projections,
              log.reader,
              line -> {
                if (line.contains(" left")) {
                  log.append(history.next(50));
                  log.awaitApplied();
                }
              })
          .run(log.directoryProjection);

      log.append(history.next(50));
      log.awaitApplied();
      List<String> live = digests(log);
      rebuild(log, new ArrayList<>());
      assertThat(digests(log)).isEqualTo(live);
    }
  }

  @Test
  void aConcurrentRebuildIsRejected() {
    try (TestLog log = TestLog.following()) {
      log.append(new Histories(41, 1).next(10));
      log.awaitApplied();
      new Rebuild(
              log.projections,
              log.reader,
              _ ->
                  assertThatThrownBy(() ->
                          new Rebuild(log.projections, log.reader, _ -> {})
                              .run(log.auditProjection))
                      .hasMessageContaining("another rebuild is running"))
          .run(log.directoryProjection);
    }
  }

  @Test
  void aLogThatIsOlderThanItsListsIsNotShownUntilAllOfItIsListed() {
    var settings = TestLog.newDatabaseWithoutTables();
    try (var old = LedgerDatabase.open(settings)) {
      try (var appender = new LogAppender(old, new EventCodec(), InstantSource.system())) {
        appender.append(new Histories(51, 1).next(20));
      }
    }
    try (TestLog log = TestLog.on(settings)) {
      assertThatThrownBy(
              () -> log.audit.entries("default", AuditFilter.ALL, Order.NEWEST_FIRST, null, 10))
          .isInstanceOf(ProjectionIncompleteException.class);
      log.runners.start();
      log.awaitApplied();
      assertThat(
              log.audit.entries("default", AuditFilter.ALL, Order.NEWEST_FIRST, null, 10).entries())
          .isNotEmpty();
    }
  }

  private static void breakOff(String line, String at) {
    if (line.contains(at)) {
      throw new IllegalStateException("broken off");
    }
  }

  private static void rebuild(TestLog log, List<String> lines) {
    projections(log).forEach(new Rebuild(log.projections, log.reader, lines::add)::run);
  }

  private static List<Projection> projections(TestLog log) {
    return Stream.<Projection>of(log.directoryProjection, log.auditProjection).toList();
  }

  private static List<String> digests(TestLog log) {
    return projections(log).stream().map(log.projections::digest).toList();
  }
}
