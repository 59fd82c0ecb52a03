package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.client.Actor;
import dev.keyledger.client.Key;
import dev.keyledger.client.Owner;
import dev.keyledger.client.RevocationReason;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "90s, PT90S",
    "5m, PT5M",
    "12h, PT12H",
    "30d, PT720H",
    "2w, PT336H",
    "P30D, PT720H",
    "P4W, PT672H",
    "P1DT12H, PT36H",
    "PT0.5S, PT0.5S",
    "0s, PT0S",
    "999999999s, PT999999999S",
  })
  void durationsAreShortOrIso(String text, Duration duration) {
    assertThat(Values.duration(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "1s", "90s", "5m", "90m", "12h", "36h", "1d", "366d", "PT0.5S"})
  void durationsAreShownAsTheyAreRead(String text) {
    assertThat(Values.text(Values.duration(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "30", "d", "30D", "-1d", "P-1D", "1.5h", "1000000000s", "never", "P1M"})
  void aMalformedDurationIsRefused(String text) {
    assertThatThrownBy(() -> Values.duration(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "' is no duration");
  }

  @Test
  void aLifetimeCanBeEndless() {
    assertThat(Values.lifetime("never").duration()).isNull();
    assertThat(Values.lifetime("1d").duration()).isEqualTo(Duration.ofDays(1));
    assertThatThrownBy(() -> Values.lifetime("Never")).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void timesHaveAnOffset() {
    assertThat(Values.time("2027-01-31T12:00:00+01:00"))
        .isEqualTo(Instant.parse("2027-01-31T11:00:00Z"));
    assertThatThrownBy(() -> Values.time("2027-01-31T12:00:00"))
        .isInstanceOf(TypeConversionException.class);
    assertThatThrownBy(() -> Values.time("2027-01-31")).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void anOwnerIsSplitAtTheFirstColon() {
    assertThat(Values.owner("service:a:b")).isEqualTo(Owner.service("a:b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "billing", "app:", "other:x", "App:x", ":x"})
  void aMalformedOwnerIsRefused(String text) {
    assertThatThrownBy(() -> Values.owner(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("is no owner");
  }

  @Test
  void actorsMayHaveAnId() {
    assertThat(Values.actor("root")).isEqualTo(new Actor("root", null));
    assertThat(Values.actor("operator:key_1")).isEqualTo(new Actor("operator", "key_1"));
  }

  @Test
  void constantsHaveTheNamesOfTheInterface() {
    assertThat(Constants.parse(RevocationReason.class, "owner-left"))
        .isEqualTo(RevocationReason.OWNER_LEFT);
    assertThat(Constants.parse(Key.Status.class, "not-yet-active"))
        .isEqualTo(Key.Status.NOT_YET_ACTIVE);
    assertThatThrownBy(() -> Constants.parse(Key.Status.class, "other"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'other' is none of revoked, suspended, not-yet-active, expired, active");
    assertThatThrownBy(() -> Constants.parse(RevocationReason.class, "OWNER_LEFT"))
        .isInstanceOf(TypeConversionException.class);
  }
}
