package dev.keyledger.verification.index;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoolTest {
  private static final Pool.Kind<String, String> TEXTS =
      new Pool.Kind<>(
          text -> text, text -> text, String::length, PackedWriter::text, PackedReader::text);

  private final Pool<String, String> pool = new Pool<>(TEXTS, 10);
  private final PackedWriter writer = new PackedWriter();

  @Test
  void sharedValuesAreStoredOnce() {
    String one = read(written("a value"));
    assertThat(read(written(new String("a value")))).isSameAs(one);
    assertThat(written("a value")).hasSize(1);
  }

  @Test
  void valuesThatNeverRecurTakeAtMostHalfOfTheRoom() {
    for (int i = 0; i < 1_000; i++) {
      byte[] written = written("unique " + i);
      assertThat(written.length == 1).as("%s", i).isEqualTo(i < 5);
      assertThat(read(written)).isEqualTo("unique " + i);
    }
  }

  @Test
  void aRecurringValueFindsRoomUntilThereIsNone() {
    for (int i = 0; i < 5; i++) {
      written("unique " + i);
    }
    for (int i = 0; i < 20; i++) {
      assertThat(written("often " + i).length).isGreaterThan(1);
      written("often " + i);
      assertThat(written("often " + i).length == 1).as("%s", i).isEqualTo(i < 5);
      assertThat(read(written("often " + i))).isEqualTo("often " + i);
    }
  }

  @Test
  void longValuesFindNoRoom() {
    String most = "x".repeat(Pool.CHARS_MAX);
    assertThat(written(most + "x").length).isGreaterThan(1);
    written(most);
    assertThat(written(most)).hasSize(1);
    assertThat(written("y").length).isGreaterThan(1);
    written("y");
    assertThat(read(written("y"))).isEqualTo("y");
  }

  private byte[] written(String value) {
    pool.write(writer, value);
    return writer.take();
  }

  private String read(byte[] bytes) {
    return pool.read(new PackedReader(bytes, 0));
  }
}
