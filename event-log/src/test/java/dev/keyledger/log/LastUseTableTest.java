package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.issue;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.SecretUse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LastUseTableTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final int KEYS = 1000;

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final LastUseTable table = new LastUseTable(database);

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void theLatestMinuteIsKeptInAnyOrderOfWrites() {
    write(Map.of(key(1), NOON.plusSeconds(119), key(2), NOON));
    write(Map.of(key(1), NOON, key(2), NOON.plusSeconds(60)));

    assertThat(times(key(1), key(2), key(3)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(key(1), NOON.plusSeconds(60), key(2), NOON.plusSeconds(60)));
  }

  @Test
  void eachOfTheTwoNewestSecretsKeepsItsLastUseInAnyOrderOfWrites() {
    KeyId key = key(1);
    Instant later = NOON.plusSeconds(60);
    Instant last = NOON.plusSeconds(120);
    List<List<SecretUse>> writes =
        List.of(
            List.of(new SecretUse(key, 1, NOON)),
            List.of(new SecretUse(key, 1, later), new SecretUse(key, 2, later)),
            List.of(new SecretUse(key, 2, last)),
            List.of(new SecretUse(key, 2, NOON), new SecretUse(key, 1, NOON)));
    for (List<Integer> order : List.of(List.of(0, 1, 2, 3), List.of(3, 1, 0, 2))) {
      TestDatabases.execute(settings, "DELETE FROM log.key_last_use");
      order.forEach(write -> table.write(writes.get(write)));
      LastUse use = read(key);
      assertThat(use.time()).isEqualTo(last);
      assertThat(use.generation()).isEqualTo(2);
      assertThat(use.of(2)).isEqualTo(last);
      assertThat(use.of(1)).isEqualTo(later);
      assertThat(use.of(3)).isNull();
      assertThat(use.hasReached(2)).isTrue();
      assertThat(use.hasReached(3)).isFalse();
    }
  }

  @Test
  void theUsesOfAnOlderSecretAreForgottenButCountForTheKey() {
    KeyId key = key(1);
    table.write(List.of(new SecretUse(key, 1, NOON)));
    table.write(List.of(new SecretUse(key, 2, NOON)));
    table.write(List.of(new SecretUse(key, 3, NOON)));
    assertThat(read(key)).isEqualTo(new LastUse(NOON, 3, NOON, NOON, NOON));
    table.write(List.of(new SecretUse(key, 1, NOON.plusSeconds(60))));
    assertThat(read(key)).isEqualTo(new LastUse(NOON.plusSeconds(60), 3, NOON, NOON, NOON));
    table.write(List.of(new SecretUse(key, 5, NOON.plusSeconds(60))));
    assertThat(read(key).of(4)).isNull();
    assertThat(read(key).first()).isEqualTo(NOON.plusSeconds(60));
  }

  /** Checks the mark by which the wait for the first use of a new secret finds the key. */
  @Test
  void theFirstUseOfALaterSecretIsMarkedOnce() throws SQLException {
    table.write(List.of(new SecretUse(key(1), 1, NOON), new SecretUse(key(2), 2, NOON)));
    assertThat(advanced()).containsExactly(key(2).value());
    table.write(List.of(new SecretUse(key(1), 2, NOON)));
    assertThat(advanced()).containsExactly(key(1).value(), key(2).value());
    TestDatabases.execute(settings, "UPDATE log.key_last_use SET advanced = false");
    table.write(List.of(new SecretUse(key(1), 2, NOON.plusSeconds(60))));
    table.write(List.of(new SecretUse(key(1), 1, NOON.plusSeconds(120))));
    assertThat(advanced()).isEmpty();
    table.write(List.of(new SecretUse(key(1), 3, NOON)));
    assertThat(advanced()).containsExactly(key(1).value());
  }

  /** Checks that uses written by an earlier version count as uses of an unknown secret. */
  @Test
  void usesOfAnUnknownSecretCountAsThoseOfTheOneBeforeTheFirstKnown() {
    TestDatabases.execute(
        settings,
        "INSERT INTO log.key_last_use (key_id, minute) VALUES ('%s', %d), ('%s', %d)"
            .formatted(
                key(1).value(),
                LastUseTable.minute(NOON),
                key(2).value(),
                LastUseTable.minute(NOON)));
    assertThat(read(key(1))).isEqualTo(new LastUse(NOON, 0, null, null, null));
    assertThat(read(key(1)).of(1)).isEqualTo(NOON);
    assertThat(read(key(1)).of(2)).isNull();
    Instant later = NOON.plusSeconds(60);
    table.write(List.of(new SecretUse(key(1), 3, later), new SecretUse(key(2), 1, later)));
    assertThat(read(key(1))).isEqualTo(new LastUse(later, 3, later, later, NOON));
    assertThat(read(key(2))).isEqualTo(new LastUse(later, 1, later, later, null));
  }

  private LastUse read(KeyId key) {
    return Objects.requireNonNull(table.read(List.of(key)).get(key));
  }

  private List<String> advanced() throws SQLException {
    try (Connection connection = database.openDedicated();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT key_id FROM log.key_last_use WHERE advanced ORDER BY key_id");
        ResultSet row = statement.executeQuery()) {
      var keys = new ArrayList<String>();
      while (row.next()) {
        keys.add(row.getString(1));
      }
      return keys;
    }
  }

  /** Checks the period to the minute: a key counts through the thirtieth day. */
  @Test
  void aKeyIsInUseForThirtyDaysAfterItsLastUse() throws SQLException {
    write(Map.of(key(1), NOON));
    TestDatabases.execute(settings, "UPDATE log.key_last_use SET known_since = '-infinity'");
    Instant last = NOON.plus(Duration.ofDays(30)).plusSeconds(59);
    assertThat(wasInUse(1, NOON)).isTrue();
    assertThat(wasInUse(1, last)).isTrue();
    assertThat(wasInUse(1, last.plusSeconds(1))).isFalse();
    assertThat(wasInUse(2, NOON)).isFalse();
  }

  /** Checks that later writes do not change a list that has begun. */
  @Test
  void keysInUseAtAMomentDoNotChange() throws SQLException {
    Instant now = Instant.now();
    write(
        Map.of(
            key(1), now.minus(Duration.ofDays(29)),
            key(2), now.minus(Duration.ofDays(31)),
            key(3), now.minus(Duration.ofDays(31))));
    TestDatabases.execute(
        settings, "UPDATE log.key_last_use SET known_since = known_since - interval '1 hour'");
    Instant moment = now.minusSeconds(60);
    for (int round = 0; round < 2; round++) {
      assertThat(wasInUse(1, moment)).isTrue();
      assertThat(wasInUse(2, moment)).isFalse();
      assertThat(wasInUse(3, moment)).isFalse();
      assertThat(wasInUse(4, moment)).isFalse();
      write(Map.of(key(1), now, key(2), now, key(4), now));
    }
    Instant later = now.plusSeconds(60);
    assertThat(wasInUse(1, later)).isTrue();
    assertThat(wasInUse(2, later)).isTrue();
    assertThat(wasInUse(3, later)).isFalse();
    assertThat(wasInUse(4, later)).isTrue();
    write(Map.of(key(2), later, key(4), later));
    assertThat(wasInUse(2, moment)).as("the second use of a key that was not in use").isFalse();
    assertThat(wasInUse(4, moment)).as("the second use of a new key").isFalse();
  }

  private boolean wasInUse(int number, Instant moment) throws SQLException {
    try (Connection connection = database.openDedicated();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT 1 FROM log.key_last_use used WHERE key_id = ? AND ("
                    + LastUseTable.WAS_IN_USE
                    + ") IS TRUE")) {
      statement.setString(1, key(number).value());
      statement.setObject(2, (double) moment.getEpochSecond());
      statement.setObject(3, (double) moment.getEpochSecond());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  @Test
  void nodesThatWriteTheSameKeysInDifferentOrdersNeverDeadlock() {
    var all =
        IntStream.range(0, 8)
            .mapToObj(node -> CompletableFuture.runAsync(() -> write(uses(node))))
            .toList();

    all.forEach(CompletableFuture::join);

    assertThat(times(key(0), key(KEYS - 1)).values()).containsOnly(NOON.plusSeconds(7 * 60));
  }

  @Test
  void withoutADatabaseNothingIsWritten() {
    database.close();
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> write(Map.of(key(1), NOON)));
  }

  @Test
  void thePositionBeforeATimeIsFoundByBinarySearch() {
    var codec = new EventCodec();
    var reader = new LogReader(database, codec);
    assertThat(reader.lastPositionBefore(NOON)).isZero();
    try (var appender = new LogAppender(database, codec, InstantSource.system())) {
      for (int i = 0; i < 21; i++) {
        LoggedEvent appended = appender.append(List.of(issue(i))).getFirst();
        long before = appended.position() - 1;
        assertThat(reader.lastPositionBefore(appended.time())).isLessThanOrEqualTo(before);
        assertThat(reader.lastPositionBefore(appended.time().plusNanos(1000)))
            .isEqualTo(appended.position());
      }
      for (LoggedEvent event : reader.readAfter(0, 21)) {
        long found = reader.lastPositionBefore(event.time());
        assertThat(reader.readAfter(0, 21))
            .allSatisfy(one ->
                assertThat(one.time().isBefore(event.time())).isEqualTo(one.position() <= found));
      }
    }
    assertThat(reader.lastPositionBefore(Instant.parse("9999-01-01T00:00:00Z"))).isEqualTo(21);
  }

  /** Writes uses of first secrets. */
  private void write(Map<KeyId, Instant> uses) {
    table.write(
        uses.entrySet().stream()
            .map(use -> new SecretUse(use.getKey(), 1, use.getValue()))
            .toList());
  }

  private Map<KeyId, Instant> times(KeyId... keys) {
    return table.read(List.of(keys)).entrySet().stream()
        .collect(toMap(Map.Entry::getKey, use -> use.getValue().time()));
  }

  private static Map<KeyId, Instant> uses(int node) {
    var uses = new LinkedHashMap<KeyId, Instant>();
    for (int i = 0; i < KEYS; i++) {
      uses.put(key(node % 2 == 0 ? i : KEYS - 1 - i), NOON.plusSeconds(node * 60L));
    }
    return uses;
  }

  private static KeyId key(int number) {
    return KeyId.of(number, 0, number);
  }
}
