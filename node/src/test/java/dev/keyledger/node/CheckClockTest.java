package dev.keyledger.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The time of checks, under changes of the machine's clocks. */
class CheckClockTest {
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  private Instant machine = START;
  private final FakeLog log = new FakeLog(START.minusSeconds(1));
  private long nanos = Long.MAX_VALUE - 5;
  private final CheckClock clock = new CheckClock(() -> machine, () -> nanos, log);

  @Test
  void usuallyItIsTheMachines() {
    pass(Duration.ofSeconds(7));
    assertThat(clock.instant()).isEqualTo(START.plusSeconds(7));
    assertThat(clock.setBack()).isZero();
    machine = machine.plusSeconds(3600);
    assertThat(clock.instant()).as("set forward").isEqualTo(START.plusSeconds(3607));
  }

  @Test
  void aClockThatIsSetBackDoesNotSetItBack() {
    pass(Duration.ofHours(2));
    machine = machine.minus(Duration.ofDays(365));
    log.storeClock = machine; // both are on one machine
    assertThat(clock.instant()).isEqualTo(START.plusSeconds(7200));
    pass(Duration.ofSeconds(1));
    assertThat(clock.instant()).as("it goes on").isEqualTo(START.plusSeconds(7201));
    assertThat(clock.setBack()).isEqualTo(Duration.ofDays(365));
  }

  @Test
  void aNodeThatStartsWithAClockThatIsBehindGoesByPostgres() {
    log.storeClock = START.plusSeconds(3600);
    assertThat(clock.instant()).isEqualTo(log.storeClock);
    assertThat(clock.aheadOfStore()).isEqualTo(Duration.ofHours(-1));
  }

  @Test
  void aTimeThatPostgresTakesBackIsForgotten() {
    log.storeClock = START.plus(Duration.ofDays(365));
    assertThat(clock.instant()).isEqualTo(log.storeClock);
    log.storeClock = START;
    assertThat(clock.instant()).isEqualTo(START);
  }

  private void pass(Duration time) {
    machine = machine.plus(time);
    nanos += time.toNanos();
  }
}
