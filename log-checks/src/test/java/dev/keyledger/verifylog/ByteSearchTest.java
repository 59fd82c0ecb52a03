package dev.keyledger.verifylog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ByteSearchTest {
  private static final int TEXTS = 20_000;
  private static final int LENGTH_MAX = 40;

  @Test
  void whatIsFoundEightBytesAtATimeIsWhatIsFoundOneByOne() {
    var random = new SplittableRandom(20);
    for (int i = 0; i < TEXTS; i++) {
      byte[] bytes = new byte[random.nextInt(1, LENGTH_MAX)];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = (byte) (random.nextInt(8) == 0 ? random.nextInt() : ' ' + random.nextInt(90));
      }
      int from = random.nextInt(bytes.length);
      int to = random.nextInt(from, bytes.length + 1);

      assertThat(ByteSearch.endOfPlainText(bytes, from, to))
          .isEqualTo(endOfPlainText(bytes, from, to));
    }
  }

  private static int endOfPlainText(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] == '"' || bytes[at] == '\\' || (bytes[at] >= 0 && bytes[at] < ' ')) {
        return at;
      }
    }
    return to;
  }
}
