package dev.keyledger.verification.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackedValuesTest {
  private final PackedWriter writer = new PackedWriter();

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 16_383, 16_384, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void numbersAreReadBack(long number) {
    assertThat(packed(PackedWriter::number, PackedReader::number, number)).isEqualTo(number);
    assertThat(packed(PackedWriter::fixed, PackedReader::fixed, number)).isEqualTo(number);
  }

  static Stream<Instant> times() {
    Instant now = Instant.parse("2026-03-01T00:00:00Z");
    long microsEnd = PackedReader.MICROS_SECONDS_MAX;
    return Stream.of(
        now,
        now.plusNanos(1000),
        now.plusNanos(1),
        Instant.EPOCH,
        Instant.EPOCH.minusNanos(1000),
        Instant.EPOCH.minusNanos(1),
        Instant.ofEpochSecond(microsEnd - 1, 999_999_000),
        Instant.ofEpochSecond(microsEnd, 999_999_000),
        Instant.ofEpochSecond(1 - microsEnd, 1000),
        Instant.ofEpochSecond(-microsEnd, 1000),
        Instant.MIN,
        Instant.MAX);
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesAreReadBack(Instant time) {
    assertThat(packed(PackedWriter::time, PackedReader::time, time)).isEqualTo(time);
  }

  @Test
  void timesOfTheLogAreShort() {
    writer.time(Instant.parse("2026-03-01T00:00:00.123456Z"));
    assertThat(writer.take()).hasSize(8);
    writer.time(Instant.parse("2026-03-01T00:00:00Z"));
    assertThat(writer.take()).hasSize(5);
  }

  @Test
  void textsAreReadBackWhateverTheyContain() {
    for (String text :
        List.of(
            "", "a", "\u00ff", "\u0100", "\ud83d\udd11", "\ud800", "\udc00x", "x".repeat(9999))) {
      assertThat(packed(PackedWriter::text, PackedReader::text, text)).isEqualTo(text);
    }
    var texts = List.of("a", "", "\u20ac");
    assertThat(packed(PackedWriter::texts, PackedReader::texts, texts)).isEqualTo(texts);
  }

  private <T> T packed(BiConsumer<PackedWriter, T> write, Function<PackedReader, T> read, T value) {
    write.accept(writer, value);
    writer.octet(77);
    var reader = new PackedReader(writer.take(), 0);
    T back = read.apply(reader);
    assertThat(reader.octet()).as("the following value").isEqualTo(77);
    return back;
  }
}
