package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.event;
import static dev.keyledger.log.TestEvents.issue;
import static dev.keyledger.log.TestEvents.issued;
import static dev.keyledger.log.TestEvents.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StreamId;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The reading of one key's history. */
@Timeout(60)
class LogReaderTest {
  private static final Owner OTHER = new Owner(OwnerType.APP, "other");

  private final LedgerDatabase database = LedgerDatabase.open(TestDatabases.empty());
  private final EventCodec codec = new EventCodec();
  private final LogAppender appender = new LogAppender(database, codec, InstantSource.system());
  private final LogReader reader = new LogReader(database, codec);

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  @Test
  void aKeyIsFoldedFromAllItsEvents() {
    append(1, 2 * LogReader.PART);
    append(2, LogReader.PART - 1);
    append(3, 0);
    for (int number = 1; number <= 3; number++) {
      List<LoggedEvent> events = reader.readStream(StreamId.of(key(number)));
      KeyView whole = KeyView.fold(events);
      assertThat(reader.key(key(number))).contains(whole);
      assertThat(reader.key(key(number), "default")).contains(whole);
      assertThat(reader.keys(List.of(key(number), key(9)))).isEqualTo(Map.of(key(number), whole));
      for (int size : List.of(1, events.size() / 2 + 1, events.size())) {
        assertThat(reader.keyAt(key(number), "default", events.get(size - 1).position()))
            .contains(KeyView.fold(events.subList(0, size)));
      }
      assertThat(reader.keyAt(key(number), "default", events.getFirst().position() - 1)).isEmpty();
      assertThat(reader.key(key(number), "acme")).isEmpty();
    }
  }

  @Test
  void aHistoryIsReadInPartsInBothOrders() {
    append(1, 10);
    appender.append(List.of(event(1, 11, new KeyTransferred(OTHER)), change(1, 12)));
    List<LoggedEvent> events = reader.readStream(StreamId.of(key(1)));

    for (int max : List.of(1, 3, 12, 13, 14)) {
      assertThat(history(key(1), false, max)).isEqualTo(events);
      assertThat(history(key(1), true, max)).isEqualTo(events.reversed());
    }
    assertThat(reader.history(key(1), "default", false, null, 5).ownerBefore()).isNull();
    assertThat(reader.history(key(1), "default", false, 10L, 5).ownerBefore())
        .isEqualTo(issued(1).owner());
    assertThat(reader.history(key(1), "default", true, null, 1).ownerBefore()).isEqualTo(OTHER);
    assertThat(reader.history(key(1), "acme", false, null, 5).events()).isEmpty();
    assertThat(reader.history(key(2), "default", false, null, 5).events()).isEmpty();
  }

  @Test
  void aPartOfAHistoryHasABoundedSize() {
    appender.append(List.of(issue(1)));
    for (int i = 1; i <= 40; i++) {
      var twentieth = Map.of("k", "x".repeat((int) LogReader.HISTORY_BYTES_MAX / 20));
      appender.append(List.of(event(1, i, new KeyDescribed("n", twentieth))));
    }

    LogReader.History part = reader.history(key(1), "default", true, null, 200);
    assertThat(part.events()).hasSize(20);
    assertThat(part.more()).isTrue();
    assertThat(history(key(1), true, 200)).hasSize(41);
  }

  /** Checks that only the first event is read, which has the workspace. */
  @Test
  void ofAKeyOfAnotherWorkspaceNoEventIsReadButTheFirst() {
    append(1, 9, 0);
    for (int i = 1; i < 10; i++) {
      append(1, 999, i * 1000 - 990);
    }
    List<BiConsumer<LogReader, KeyId>> reads =
        List.of(
            (log, key) -> assertThat(log.key(key, "acme")).isEmpty(),
            (log, key) -> assertThat(log.keyAt(key, "acme", 9_000)).isEmpty(),
            (log, key) -> assertThat(log.history(key, "acme", false, null, 200).events()).isEmpty(),
            (log, key) -> assertThat(log.history(key, "acme", true, null, 200).events()).isEmpty(),
            (log, key) -> log.forEachEvent(key, "acme", 9_000, _ -> fail("an event")));
    for (BiConsumer<LogReader, KeyId> read : reads) {
      assertThat(rowsRead(log -> read.accept(log, key(2)))).isZero();
      assertThat(rowsRead(log -> read.accept(log, key(1)))).isEqualTo(1);
    }
    assertThat(rowsRead(log -> assertThat(log.key(key(1), "default")).isPresent()))
        .as("the test can tell them apart")
        .isGreaterThan(9_000);
  }

  @Test
  void theEventsOfAKeyArePassedOnInParts() {
    append(1, 2 * LogReader.PART - 1);
    List<LoggedEvent> events = reader.readStream(StreamId.of(key(1)));
    for (int size : List.of(1, LogReader.PART, LogReader.PART + 1, 2 * LogReader.PART)) {
      var connections = new AtomicInteger();
      var log = new LogReader(counting(database.dataSource(), connections), codec);
      var passed = new ArrayList<LoggedEvent>();
      long upTo = events.get(size - 1).position();

      log.forEachEvent(key(1), "default", upTo, passed::add);

      assertThat(passed).isEqualTo(events.subList(0, size));
      assertThat(connections).hasValue(size / LogReader.PART + 1);
    }
  }

  /** Returns the number of rows of the log that PostgreSQL reads, by its own statistics. */
  private long rowsRead(Consumer<LogReader> read) {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false); // statistics of a transaction are exact
      long before = rowsRead(connection);
      read.accept(new LogReader(only(connection), codec));
      return rowsRead(connection) - before;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static long rowsRead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
                    + " WHERE schemaname = 'log' AND relname = 'event'")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Returns a source of one connection, which stays open. */
  private static DataSource only(Connection connection) {
    Connection open =
        proxy(
            Connection.class,
            (_, method, arguments) ->
                Set.of("close", "rollback").contains(method.getName())
                    ? null
                    : method.invoke(connection, arguments));
    return proxy(DataSource.class, (_, _, _) -> open);
  }

  private static DataSource counting(DataSource connections, AtomicInteger count) {
    return proxy(
        DataSource.class,
        (_, method, arguments) -> {
          count.incrementAndGet();
          return method.invoke(connections, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private List<LoggedEvent> history(KeyId keyId, boolean newestFirst, int max) {
    var events = new ArrayList<LoggedEvent>();
    @Nullable Long after = null;
    LogReader.History part;
    do {
      part = reader.history(keyId, "default", newestFirst, after, max);
      assertThat(part.events()).isNotEmpty().hasSizeLessThanOrEqualTo(max);
      events.addAll(part.events());
      after = events.getLast().sequence();
    } while (part.more());
    return events;
  }

  /** Appends a key with so many changes. */
  private void append(int number, int changes) {
    append(number, changes, 0);
  }

  private void append(int number, int more, int first) {
    var events = new ArrayList<NewEvent>();
    for (int i = first; i <= first + more; i++) {
      events.add(i == 0 ? issue(number) : change(number, i));
    }
    appender.append(events);
  }
}
