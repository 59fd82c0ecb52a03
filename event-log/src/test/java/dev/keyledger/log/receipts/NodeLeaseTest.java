package dev.keyledger.log.receipts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.TestDatabases;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The times at which a node may answer, with a manual clock and leases in a real PostgreSQL. */
@Timeout(20)
class NodeLeaseTest {
  private static final NodeName NAME = new NodeName("node:1");

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final FollowedLog log = new FollowedLog(7);

  /** Starts near the maximum, so that it overflows within the test, as the machine's clock may. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);

  private final NodeLease strict = new NodeLease(database, log, NAME, true, nanos::get);
  private Connection connection;

  @BeforeEach
  void connect() throws SQLException {
    connection = database.openDedicated();
    headIs(7);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  @Test
  void nothingIsAnsweredBeforeTheFirstLease() throws Exception {
    assertThat(strict.term()).isEqualTo(Lease.NONE);
    strict.renew(connection);
    assertThat(strict.term()).isZero();
    assertThat(strict.runs(0)).isTrue();
    assertThat(strict.runs(Lease.NONE)).isFalse();
  }

  @Test
  void aStrictNodeAnswersUntilItsLeaseEndsByItsOwnClockAndNotThen() throws Exception {
    strict.renew(connection);
    pass(NodeLease.LENGTH.minusNanos(1));
    assertThat(strict.runs(strict.term())).isTrue();
    pass(Duration.ofNanos(1));
    assertThat(strict.runs(0)).isFalse();
    assertThat(strict.term()).isEqualTo(Lease.NONE);
  }

  @Test
  void aLeaseCountsFromBeforeItsRenewalWasSent() throws Exception {
    var slow =
        new NodeLease(
            database,
            log,
            NAME,
            true,
            () -> nanos.getAndAdd(Duration.ofSeconds(1).toNanos())); // each reading takes a second
    slow.renew(connection);
    long asked = Long.MAX_VALUE - 1_000_000_000L;
    nanos.set(asked + NodeLease.LENGTH.toNanos());
    assertThat(slow.runs(0)).isFalse();
  }

  @Test
  void aRenewalInTimeContinuesTheSameTermWithoutAWait() throws Exception {
    strict.renew(connection);
    headIs(9);
    pass(NodeLease.LENGTH.minusNanos(1));
    strict.renew(connection);
    assertThat(strict.term()).isZero();
    pass(NodeLease.LENGTH.minusNanos(1));
    assertThat(strict.runs(0)).isTrue();
  }

  @Test
  void afterAGapANewTermBeginsOnceItsHeadIsApplied() throws Exception {
    strict.renew(connection);
    pass(NodeLease.LENGTH);
    headIs(9);
    strict.renew(connection);
    assertThat(strict.runs(0)).as("an answer begun before the gap").isFalse();
    assertThat(strict.term()).isEqualTo(Lease.NONE);
    log.position = 8;
    assertThat(strict.term()).isEqualTo(Lease.NONE);
    log.position = 9;
    assertThat(strict.term()).isEqualTo(1);
    assertThat(strict.runs(1)).isTrue();
  }

  @Test
  void aRenewalWhoseResponseComesTooLateIsAGap() throws Exception {
    var looks = new AtomicLong();
    var late =
        new NodeLease(
            database,
            log,
            NAME,
            true,
            // The renewal is sent in time; its response arrives after the end of the former lease.
            () -> looks.get() == 0 || looks.getAndIncrement() < 2 ? 0 : NodeLease.LENGTH.toNanos());
    late.renew(connection);
    looks.set(1);
    late.renew(connection);
    assertThat(late.runs(0)).isFalse();
  }

  @Test
  void aDeletedRowIsAGap() throws Exception {
    strict.renew(connection);
    TestDatabases.execute(settings, "DELETE FROM log.node_lease");
    strict.renew(connection);
    assertThat(strict.runs(0)).isFalse();
    assertThat(strict.term()).isEqualTo(1);
  }

  @Test
  void aNodeThatIsNotStrictAnswersFromItsFirstLeaseOn() throws Exception {
    var lax = new NodeLease(database, log, NAME, false, nanos::get);
    headIs(9);
    assertThat(lax.term()).isEqualTo(Lease.NONE);
    lax.renew(connection);
    pass(Duration.ofDays(1));
    assertThat(lax.runs(lax.term())).isTrue();
    lax.close();
    assertThat(lax.term()).isEqualTo(Lease.NONE);
  }

  @Test
  void anotherIncarnationRenewsNothing() throws Exception {
    strict.renew(connection);
    database.newIncarnation();
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> strict.renew(connection))
        .withMessageContaining("not the one");
  }

  @Test
  void appliedAtIsTheTimeOfTheFirstReport() throws Exception {
    strict.renew(connection);
    String first = text("SELECT applied_at FROM log.node_lease");
    strict.renew(connection);
    strict.report(connection);
    assertThat(text("SELECT applied_at FROM log.node_lease")).isEqualTo(first);
    log.position = 8;
    strict.report(connection);
    assertThat(text("SELECT applied_at > '%s' FROM log.node_lease".formatted(first)))
        .isEqualTo("t");
    assertThat(text("SELECT position FROM log.node_lease")).isEqualTo("8");
    assertThat(text("SELECT lease_until - renewed_at FROM log.node_lease")).isEqualTo("00:00:10");
  }

  @Test
  void theRowOfAGoneNodeIsKeptForTwoHoursAndNoLonger() throws Exception {
    strict.renew(connection);
    TestDatabases.execute(
        settings, "UPDATE log.node_lease SET lease_until = now() - interval '7190 seconds'");
    NodeLease.deleteOld(connection);
    assertThat(text("SELECT count(*) FROM log.node_lease")).isEqualTo("1");
    TestDatabases.execute(
        settings, "UPDATE log.node_lease SET lease_until = now() - interval '7201 seconds'");
    NodeLease.deleteOld(connection);
    assertThat(text("SELECT count(*) FROM log.node_lease")).isEqualTo("0");
  }

  @Test
  void invalidNamesAreRejected() {
    assertThat(NodeName.of("kl-1.example", 8080).value()).isEqualTo("kl-1.example:8080");
    assertThat(NodeName.of("_büro 1", 8081).value()).isEqualTo("node_b-ro-1:8081");
    assertThat(NodeName.of("h".repeat(300), 8080).value()).hasSize(128).endsWith("h:8080");
    assertThat(new NodeName("n".repeat(128)).value()).hasSize(128);
    for (String wrong : new String[] {"", "n".repeat(129), "-n", "a b", "ä"}) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .as(wrong)
          .isThrownBy(() -> new NodeName(wrong))
          .withMessageStartingWith("KEYLEDGER_NODE_NAME");
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void headIs(long position) {
    TestDatabases.execute(settings, "UPDATE log.log_head SET position = " + position);
  }

  private String text(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }
}
