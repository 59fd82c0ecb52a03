package dev.keyledger.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.NewEvent;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.Projection.TableSet;
import dev.keyledger.projection.TestLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class AuditTrailTest {
  private static final Owner BILLING = new Owner(OwnerType.APP, "billing");
  private static final Owner ALICE = new Owner(OwnerType.USER, "alice");
  private static final Actor OPERATOR = new Actor(ActorType.OPERATOR, "key_1");
  private static final KeyId FIRST = Histories.keyId(1, 1);
  private static final KeyId SECOND = Histories.keyId(1, 2);

  private final TestLog log = TestLog.following();

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void anEntryEqualsThatOfTheKeysHistory() {
    log.append(new Histories(1, 1).next(200));
    List<AuditEntry> entries = entries(AuditFilter.ALL, Order.OLDEST_FIRST);

    assertThat(entries)
        .isNotEmpty()
        .allSatisfy(entry -> {
          List<LoggedEvent> stream =
              log.reader.readStream(StreamId.of(new KeyId(Objects.requireNonNull(entry.keyId()))));
          assertThat(AuditEntry.history(null, stream, log.codec)).contains(entry);
        });
    List<Long> events =
        log.reader.readAfter(0, 1000).stream()
            .filter(event -> event.workspace().equals("default"))
            .map(LoggedEvent::position)
            .toList();
    assertThat(entries).extracting(AuditEntry::position).isEqualTo(events);
    assertThat(entries(AuditFilter.ALL, Order.NEWEST_FIRST)).isEqualTo(entries.reversed());
  }

  /**
   * PostgreSQL would rather sort all entries where it expects few, and walk through another index
   * past entries of other types where it expects many.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPageIsARangeOfOneIndexWhateverTheStatisticsSay(boolean analyzed) {
    TestLog.execute(
        log.settings,
        """
        ALTER TABLE read.audit SET (autovacuum_enabled = false);
        INSERT INTO read.audit (position, workspace, key_id, owner_type, owner_id, actor_type, type,
          time_micros)
        SELECT n, 'default', 'key', 'app', 'a', 'root', 'KeyIssued', n
        FROM generate_series(1, 50000) n
        """);
    if (analyzed) {
      TestLog.execute(log.settings, "ANALYZE read.audit");
    }

    assertThat(plan(AuditFilter.ALL))
        .contains("audit_workspace_position_idx")
        .doesNotContain("Sort");
    assertThat(plan(ofType(EventType.of(KeyIssued.class))))
        .contains("audit_workspace_type_position_idx")
        .doesNotContain("Sort", "audit_pkey");
  }

  private static AuditFilter ofType(EventType type) {
    return new AuditFilter(
        null,
        List.of(),
        List.of(),
        null,
        List.of(type),
        Instant.EPOCH,
        Instant.EPOCH.plusSeconds(9));
  }

  private String plan(AuditFilter filter) {
    return log.projections.ask(
        log.auditProjection,
        (connection, _) -> {
          try (PreparedStatement page =
                  new AuditTrail.Search("default", filter, Order.NEWEST_FIRST, 49_000L)
                      .found(connection, 101);
              Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery(
                      "EXPLAIN (FORMAT json) " + page.unwrap(PreparedStatement.class))) {
            row.next();
            return row.getString(1);
          }
        });
  }

  @Test
  void anEventOfAWorkspaceIsAnEntryWithoutAKey() {
    log.append(new Histories(1, 1).next(200));
    log.awaitApplied();
    LoggedEvent first =
        log.reader.readAfter(0, 1000).stream()
            .filter(event -> event.stream().kind() == StreamId.Kind.WORKSPACE)
            .findFirst()
            .orElseThrow();

    assertThat(log.audit.entries(first.workspace(), AuditFilter.ALL, Order.OLDEST_FIRST, null, 9))
        .extracting(page -> page.entries().getFirst())
        .isEqualTo(AuditEntry.ofWorkspace(first, log.codec));
  }

  /** Checks that two events of one request are one command, wherever a page of the log ends. */
  @Test
  void aRequestIsOneCommandWhateverItsEvents() throws SQLException {
    log.append(command("req-1", FIRST, 0), command("req-1", FIRST, 1));
    log.append(
        command("req-2", FIRST, 2), opened("req-2", "elsewhere"), command("req-2", FIRST, 3));
    log.append(command("req-1", FIRST, 4));
    log.awaitApplied();
    LocalDate today = LocalDate.ofInstant(log.reader.head().time(), ZoneOffset.UTC);

    assertThat(commands("default", today.minusDays(1), today.plusDays(2)))
        .containsExactly(
            entry(today.minusDays(1), 0L), entry(today, 3L), entry(today.plusDays(1), 0L));
    assertThat(commands("elsewhere", today, today.plusDays(1))).containsExactly(entry(today, 1L));
    assertThat(commands("nowhere", today, today.plusDays(1))).containsExactly(entry(today, 0L));
    assertThat(commands("default", today, today)).isEmpty();

    List<LoggedEvent> all = log.reader.readAfter(0, 10);
    TestLog.execute(log.settings, "TRUNCATE read.audit, read.audit_day");
    try (Connection connection = log.database.dataSource().getConnection()) {
      for (LoggedEvent event : all) {
        log.auditProjection.apply(connection, TableSet.LIVE, List.of(event));
      }
    }
    assertThat(commands("default", today, today.plusDays(1))).containsExactly(entry(today, 3L));
  }

  @Test
  void aCommandIsCountedOnTheDayOfItsFirstEvent() {
    Instant midnight = Instant.parse("2030-02-01T00:00:00Z");
    TestLog.execute(
        log.settings, "UPDATE log.log_head SET time = '%s'".formatted(midnight.minusNanos(1000)));
    log.append(command("req-1", FIRST, 0));
    TestLog.execute(log.settings, "UPDATE log.log_head SET time = '%s'".formatted(midnight));
    log.append(command("req-2", FIRST, 1));
    log.awaitApplied();
    LocalDate day = LocalDate.parse("2030-01-31");
    assertThat(commands("default", day, day.plusDays(2)))
        .containsExactly(entry(day, 1L), entry(day.plusDays(1), 1L));
  }

  private SortedMap<LocalDate, Long> commands(String workspace, LocalDate from, LocalDate to) {
    return log.audit.commandsByDay(workspace, from, to).commands();
  }

  private static NewEvent command(String requestId, KeyId key, int sequence) {
    LedgerEvent event =
        sequence == 0 ? Histories.issued(1, 1, "A", BILLING, null) : new KeySuspended();
    return new NewEvent(
        StreamId.of(key), sequence, "default", event, Actor.ROOT, requestId, EventContext.NONE);
  }

  private static NewEvent opened(String requestId, String workspace) {
    return new NewEvent(
        StreamId.ofWorkspace(workspace),
        0,
        workspace,
        new WorkspaceOpened(WorkspacePolicy.DEFAULT),
        Actor.ROOT,
        requestId,
        EventContext.NONE);
  }

  @Test
  void aPageLooksAtSoManyEventsAndTheNextOneGoesOnThere() {
    append(Histories.eventOf(FIRST, 0, Histories.issued(1, 1, "A", BILLING, null), OPERATOR));
    int sequence = 1;
    for (int part = 0; part < 10; part++) {
      var events = new NewEvent[AuditTrail.EXAMINED_MAX / 10];
      for (int i = 0; i < events.length; i++) {
        events[i] = Histories.eventOf(FIRST, sequence++, new KeySuspended(), Actor.ROOT);
      }
      log.append(events);
    }
    log.awaitApplied();
    AuditFilter filter = filter(null, BILLING, ActorType.OPERATOR, null, null);

    Page<AuditEntry, Long> first =
        log.audit.entries("default", filter, Order.NEWEST_FIRST, null, 5);
    assertThat(first.entries()).isEmpty();
    assertThat(first.next()).isEqualTo(2);
    Page<AuditEntry, Long> second =
        log.audit.entries("default", filter, Order.NEWEST_FIRST, first.next(), 5);
    assertThat(second.entries()).extracting(AuditEntry::position).containsExactly(1L);
    assertThat(second.next()).isNull();
  }

  @Test
  void eachFilterSeparatesTheNearestCases() {
    append(
        Histories.eventOf(FIRST, 0, Histories.issued(1, 1, "A", BILLING, null), Actor.ROOT),
        Histories.eventOf(SECOND, 0, Histories.issued(1, 2, "B", ALICE, null), OPERATOR),
        Histories.eventOf(FIRST, 1, new KeyTransferred(ALICE), Actor.ROOT),
        Histories.eventOf(FIRST, 2, new KeySuspended(), Actor.SYSTEM),
        Histories.eventOf(SECOND, 1, new KeySuspended(), new Actor(ActorType.OPERATOR, "key_2")));

    assertThat(found(filter(FIRST, null, null, null, null))).containsExactly(1L, 3L, 4L);
    assertThat(found(filter(null, BILLING, null, null, null))).containsExactly(1L);
    assertThat(found(filter(null, ALICE, null, null, null))).containsExactly(2L, 3L, 4L, 5L);
    assertThat(found(filter(null, new Owner(OwnerType.APP, "alice"), null, null, null))).isEmpty();
    assertThat(found(filter(null, null, ActorType.ROOT, null, null))).containsExactly(1L, 3L);
    assertThat(found(filter(null, null, ActorType.OPERATOR, null, null))).containsExactly(2L, 5L);
    assertThat(found(filter(null, null, ActorType.OPERATOR, "key_1", null))).containsExactly(2L);
    assertThat(found(filter(null, null, ActorType.OPERATOR, "key_", null))).isEmpty();
    assertThat(found(filter(null, null, null, null, EventType.of(KeySuspended.class))))
        .containsExactly(4L, 5L);
    assertThat(found(filter(null, null, null, null, EventType.of(KeyResumed.class)))).isEmpty();
    assertThat(log.audit.entries("other", AuditFilter.ALL, Order.OLDEST_FIRST, null, 9).entries())
        .isEmpty();
  }

  @Test
  void timesAreHalfOpen() {
    append(Histories.eventOf(FIRST, 0, Histories.issued(1, 1, "A", BILLING, null), Actor.ROOT));
    List<LoggedEvent> second =
        log.append(
            new NewEvent[] {
              Histories.eventOf(SECOND, 0, Histories.issued(1, 2, "B", ALICE, null), OPERATOR)
            });
    Instant time = second.getFirst().time();

    assertThat(found(between(time, null))).containsExactly(2L);
    assertThat(found(between(time.plusNanos(1), null))).isEmpty();
    assertThat(found(between(null, time))).containsExactly(1L);
    assertThat(found(between(null, time.plusNanos(1)))).containsExactly(1L, 2L);
    assertThat(found(between(time, time.plusNanos(1)))).containsExactly(2L);
    assertThat(found(between(time, time))).isEmpty();
    assertThat(found(between(Instant.MIN, Instant.MAX))).containsExactly(1L, 2L);
  }

  @Test
  void pagingReturnsEachEntryOnceDespiteConcurrentWrites() {
    append(Histories.eventOf(FIRST, 0, Histories.issued(1, 1, "A", BILLING, null), Actor.ROOT));
    for (int i = 1; i < 40; i++) {
      append(Histories.eventOf(FIRST, i, new KeySuspended(), Actor.ROOT));
    }
    int sequence = 40;
    var walked = new ArrayList<Long>();
    log.awaitApplied();
    Long after = null;
    do {
      Page<AuditEntry, Long> page =
          log.audit.entries("default", AuditFilter.ALL, Order.NEWEST_FIRST, after, 7);
      page.entries().forEach(entry -> walked.add(entry.position()));
      after = page.next();
      append(Histories.eventOf(FIRST, sequence++, new KeySuspended(), Actor.ROOT));
      log.awaitApplied();
    } while (after != null);
    assertThat(walked)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, 40).boxed().sorted((a, b) -> Long.compare(b, a)).toList());
  }

  @Test
  void erasedDataIsShownNowhere() {
    append(Histories.eventOf(FIRST, 0, Histories.issued(1, 1, "A", BILLING, null), Actor.ROOT));
    AuditEntry entry = entries(AuditFilter.ALL, Order.OLDEST_FIRST).getFirst();
    assertThat(entry.ip()).isEqualTo("203.0.113.7");
    assertThat(entry.erased()).isNull();

    TestLog.execute(log.settings, "UPDATE log.event SET context = NULL, context_salt = NULL");

    AuditEntry erased = entries(AuditFilter.ALL, Order.OLDEST_FIRST).getFirst();
    assertThat(erased.ip()).isNull();
    assertThat(erased.reason()).isNull();
    assertThat(erased.userAgent()).isNull();
    assertThat(erased.erased()).isTrue();
  }

  private void append(NewEvent... events) {
    for (NewEvent event : events) {
      log.append(new NewEvent[] {event});
    }
  }

  private List<Long> found(AuditFilter filter) {
    return entries(filter, Order.OLDEST_FIRST).stream().map(AuditEntry::position).toList();
  }

  private List<AuditEntry> entries(AuditFilter filter, Order order) {
    log.awaitApplied();
    return log.audit.entries("default", filter, order, null, 500).entries();
  }

  private static AuditFilter filter(
      @Nullable KeyId keyId,
      @Nullable Owner owner,
      @Nullable ActorType actorType,
      @Nullable String actorId,
      @Nullable EventType type) {
    return new AuditFilter(
        keyId,
        owner == null ? List.of() : List.of(owner),
        actorType == null ? List.of() : List.of(actorType),
        actorId,
        type == null ? List.of() : List.of(type),
        null,
        null);
  }

  private static AuditFilter between(@Nullable Instant from, @Nullable Instant to) {
    return new AuditFilter(null, List.of(), List.of(), null, List.of(), from, to);
  }
}
