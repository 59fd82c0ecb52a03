package dev.keyledger.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.Actor;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProjectionRunnersTest {
  private static final Owner BILLING = new Owner(OwnerType.APP, "billing");

  @Test
  void onlyOneNodeMovesAProjectionAndAnotherTakesOverWhenItStops() {
    try (TestLog first = TestLog.following();
        TestLog second = first.secondNode()) {
      var history = new Histories(1, 1);
      first.append(history.next(50));
      first.awaitApplied();
      second.runners.start();
      assertThat(first.runners.claimed()).containsExactlyInAnyOrder("directory", "audit");
      first.append(history.next(50));
      second.awaitApplied();
      assertThat(second.runners.claimed()).isEmpty();

      first.runners.close();
      first.append(history.next(50));

      second.awaitApplied();
      assertThat(second.runners.claimed()).containsExactlyInAnyOrder("directory", "audit");
    }
  }

  @Test
  void aNodeThatStopsReleasesItsClaims() throws Exception {
    try (TestLog log = TestLog.following()) {
      log.append(new Histories(5, 1).next(20));
      log.awaitApplied();
      assertThat(owners(log)).hasSize(2);

      log.runners.close();

      assertThat(owners(log)).isEmpty();
    }
  }

  /** Checks that a claim is valid for the whole step, however long ago it was renewed. */
  @Test
  void noNodeTakesAClaimAwayDuringAStep() {
    var applying = new CountDownLatch(1);
    var applied = new CountDownLatch(1);
    try (TestLog first = TestLog.empty();
        TestLog second = first.secondNode();
        var slow =
            first.runners(
                new Rehearsed(
                    first.directoryProjection,
                    () -> {
                      applying.countDown();
                      awaitLatch(applied);
                    }));
        var other = second.runners(second.directoryProjection)) {
      first.append(new Histories(6, 1).next(20));
      slow.start();
      awaitLatch(applying);
      other.start();

      assertStaysUnclaimed(other);
      applied.countDown();

      assertThat(first.projections.watch(first.directoryProjection).await(20, TestLog.PATIENCE))
          .isTrue();
      assertStaysUnclaimed(other);
      assertThat(slow.claimed()).containsExactly("directory");
    }
  }

  /** Cuts the connections of a node, so that it cannot release its claims. */
  @Test
  void anotherNodeTakesOverFromOneThatDied() {
    try (TestLog survivor = TestLog.empty()) {
      TestLog dying = survivor.secondNode();
      dying.runners.start();
      var history = new Histories(2, 1);
      survivor.append(history.next(50));
      survivor.awaitApplied();
      survivor.runners.start();

      dying.database.close();
      survivor.append(history.next(50));

      survivor.awaitApplied();
      assertThat(survivor.runners.claimed()).containsExactlyInAnyOrder("directory", "audit");
      dying.close();
    }
  }

  @Test
  void aNodeThatLostItsClaimWritesNothing() {
    try (TestLog frozen = TestLog.following()) {
      var history = new Histories(3, 1);
      frozen.append(history.next(20));
      frozen.awaitApplied();

      TestLog.execute(
          frozen.settings,
          "UPDATE read.projection SET owner = 'another', claimed_at = now() + interval '1 hour'");
      long position = frozen.reader.head().position();
      frozen.append(history.next(20));

      await()
          .atMost(TestLog.PATIENCE)
          .untilAsserted(() -> assertThat(frozen.runners.claimed()).isEmpty());
      assertThat(frozen.projections.position("directory")).isEqualTo(position);
      assertThat(frozen.projections.position("audit")).isEqualTo(position);
      assertThat(frozen.runners.failures()).isEmpty();
    }
  }

  @Test
  void anEventThatCannotBeAppliedStopsTheProjectionAndIsReported() {
    try (TestLog log = TestLog.following()) {
      var key = Histories.keyId(1, 1);
      log.append(
          Histories.eventOf(key, 0, Histories.issued(1, 1, "Good", BILLING, null), Actor.ROOT));
      log.awaitApplied();
      log.append(
          Histories.eventOf(key, 1, Histories.issued(1, 2, "Twice", BILLING, null), Actor.ROOT),
          Histories.eventOf(
              Histories.keyId(1, 3),
              0,
              Histories.issued(1, 3, "Later", BILLING, null),
              Actor.ROOT));

      await()
          .atMost(TestLog.PATIENCE)
          .untilAsserted(() ->
              assertThat(log.runners.failures())
                  .containsOnlyKeys("directory")
                  .hasValueSatisfying(
                      new Condition<>(
                          text -> text.contains("a key is issued only once"), "the reason")));
      assertThat(log.projections.position("directory")).isEqualTo(1);
      assertThat(log.projections.watch(log.auditProjection).await(3, TestLog.PATIENCE)).isTrue();
    }
  }

  @Test
  void anEventThatCouldNotBeAppliedIsRetried() {
    var refusing = new AtomicBoolean(true);
    try (TestLog log = TestLog.empty();
        var runners = log.runners(new Rehearsed(log.directoryProjection, () -> refuse(refusing)))) {
      log.append(new Histories(7, 1).next(20));
      runners.start();
      awaitFailure(runners);

      refusing.set(false);

      assertThat(log.projections.watch(log.directoryProjection).await(20, TestLog.PATIENCE))
          .isTrue();
      await().atMost(TestLog.PATIENCE).until(() -> runners.failures().isEmpty());
    }
  }

  /** Simulates an old version that cannot read an event of a newer one. */
  @Test
  void anotherNodeContinuesWhereOneCannot() {
    try (TestLog first = TestLog.empty();
        TestLog second = first.secondNode();
        var unable =
            first.runners(
                new Rehearsed(first.directoryProjection, () -> refuse(new AtomicBoolean(true))));
        var able = second.runners(second.directoryProjection)) {
      first.append(new Histories(8, 1).next(20));
      unable.start();
      awaitFailure(unable);

      able.start();

      assertThat(first.projections.watch(first.directoryProjection).await(20, TestLog.PATIENCE))
          .isTrue();
      await().atMost(TestLog.PATIENCE).until(() -> unable.failures().isEmpty());
      assertThat(able.claimed()).containsExactly("directory");
    }
  }

  @Test
  void aTemporarilyUnavailableDatabaseIsNotAFailure() {
    try (TestLog log = TestLog.following()) {
      var history = new Histories(4, 1);
      log.append(history.next(20));
      log.awaitApplied();
      TestLog.execute(
          log.settings,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE datname = current_database() AND application_name LIKE '%projections'");

      log.append(List.of(history.next(1).getFirst()));

      log.awaitApplied();
      assertThat(log.runners.failures()).isEmpty();
    }
  }

  /** A projection that runs an action before it applies events. */
  private record Rehearsed(Projection projection, Runnable before) implements Projection {
    @Override
    public String name() {
      return projection.name();
    }

    @Override
    public List<Table> tables() {
      return projection.tables();
    }

    @Override
    public void apply(Connection connection, TableSet tables, List<LoggedEvent> events)
        throws SQLException {
      before.run();
      projection.apply(connection, tables, events);
    }
  }

  private static void refuse(AtomicBoolean refusing) {
    if (refusing.get()) {
      throw new IllegalStateException("not now");
    }
  }

  private static void awaitFailure(ProjectionRunners runners) {
    await()
        .atMost(TestLog.PATIENCE)
        .until(() -> runners.failures().equals(Map.of("directory", "after position 0: not now")));
  }

  /** Waits long enough for at least one request for the claim. */
  private static void assertStaysUnclaimed(ProjectionRunners runners) {
    await()
        .during(Duration.ofMillis(800))
        .atMost(TestLog.PATIENCE)
        .until(() -> runners.claimed().isEmpty());
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(TestLog.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> owners(TestLog log) throws SQLException {
    try (Connection connection = log.projections.openAsOwner();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery("SELECT owner FROM read.projection WHERE owner IS NOT NULL")) {
      var owners = new ArrayList<String>();
      while (row.next()) {
        owners.add(row.getString(1));
      }
      return owners;
    }
  }
}
