package dev.keyledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConcurrencyLimitTest {
  private final ConcurrencyLimit<String> places = new ConcurrencyLimit<>(4, 2);

  @Test
  void aHolderGetsItsShareAndNotOneMore() {
    assertThat(places.tryTake("a")).isTrue();
    assertThat(places.tryTake("a")).isTrue();
    assertThat(places.tryTake("a")).isFalse();

    places.leave("a");
    assertThat(places.tryTake("a")).isTrue();
  }

  @Test
  void allPlacesCanBeTakenAndNotOneMore() {
    for (String holder : new String[] {"a", "a", "b", "c"}) {
      assertThat(places.tryTake(holder)).isTrue();
    }
    assertThat(places.tryTake("b")).isFalse();
    assertThat(places.tryTake("d")).isFalse();

    places.leave("a");
    assertThat(places.tryTake("d")).isTrue();
  }

  @Test
  void aWaiterGetsTheFreedPlace() throws Exception {
    places.tryTake("a");
    places.tryTake("a");
    assertThat(places.tryTake("a", Duration.ZERO)).isFalse();
    assertThat(places.tryTake("a", Duration.ofMillis(1))).isFalse();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = threads.submit(() -> places.tryTake("a", Duration.ofSeconds(30)));
      places.leave("a");
      assertThat(waiting.get()).isTrue();
    }
    assertThat(places.tryTake("a")).isFalse();
  }

  @Test
  void aShareIsLessThanTheWhole() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ConcurrencyLimit<>(4, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> new ConcurrencyLimit<>(4, 0));
    assertThat(new ConcurrencyLimit<>(4, 3).tryTake("a")).isTrue();
  }

  @Test
  void addressesOfOneSubscriberAreOneSource() {
    assertThat(Source.of("2001:db8::1")).isEqualTo(Source.of("2001:db8::ffff:1"));
    assertThat(Source.of("2001:db8::1")).isNotEqualTo(Source.of("2001:db8:0:1::1"));
    assertThat(Source.of("203.0.113.1")).isNotEqualTo(Source.of("203.0.113.2"));
    assertThat(Source.of("unknown")).isEqualTo(Source.of(""));
  }
}
