package dev.keyledger.projection.axon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.TestLog;
import java.util.List;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProjectionProcessorsTest {
  private static final Owner BILLING = new Owner(OwnerType.APP, "billing");

  @Test
  void onlyOneNodeMovesAProjectionAndAnotherTakesOverWhenItStops() {
    try (TestLog first = TestLog.following();
        TestLog second = first.secondNode()) {
      var history = new Histories(1, 1);
      first.append(history.next(50));
      first.awaitApplied();
      second.processors.start();
      assertThat(first.processors.claimed()).containsExactlyInAnyOrder("directory", "audit");
      first.append(history.next(50));
      second.awaitApplied();
      assertThat(second.processors.claimed()).isEmpty();

      first.processors.stop();
      first.append(history.next(50));

      second.awaitApplied();
      assertThat(second.processors.claimed()).containsExactlyInAnyOrder("directory", "audit");
    }
  }

  /** Without a word: its connections are gone, so that it cannot give its claims back. */
  @Test
  void anotherNodeTakesOverFromOneThatDied() {
    try (TestLog survivor = TestLog.empty()) {
      TestLog dying = survivor.secondNode();
      dying.processors.start();
      var history = new Histories(2, 1);
      survivor.append(history.next(50));
      survivor.awaitApplied();
      survivor.processors.start();

      dying.database.close();
      survivor.append(history.next(50));

      survivor.awaitApplied();
      assertThat(survivor.processors.claimed()).containsExactlyInAnyOrder("directory", "audit");
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
          .untilAsserted(() -> assertThat(frozen.processors.claimed()).isEmpty());
      assertThat(frozen.projections.position("directory")).isEqualTo(position);
      assertThat(frozen.projections.position("audit")).isEqualTo(position);
      assertThat(frozen.processors.failures()).isEmpty();
    }
  }

  @Test
  void anEventThatCannotBeAppliedStopsTheProjectionAndIsTold() {
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
              assertThat(log.processors.failures())
                  .containsOnlyKeys("directory")
                  .hasValueSatisfying(
                      new Condition<>(
                          text -> text.contains("a key is issued only once"), "the reason")));
      assertThat(log.projections.position("directory")).isEqualTo(1);
      assertThat(log.projections.watch(log.auditProjection).await(3, TestLog.PATIENCE)).isTrue();
    }
  }

  @Test
  void aDatabaseThatIsAwayForAMomentIsNoFailure() {
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
      assertThat(log.processors.failures()).isEmpty();
    }
  }
}
