package dev.keyledger.verifylog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WordsTest {
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
      bytes[bytes.length - 1] = '\n';
      int from = random.nextInt(bytes.length);
      int to = random.nextInt(from, bytes.length + 1);

      assertThat(Words.endOfPlainText(bytes, from, to)).isEqualTo(endOfPlainText(bytes, from, to));
      assertThat(Words.newline(bytes, from, bytes.length)).isEqualTo(newline(bytes, from));
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

  private static int newline(byte[] bytes, int from) {
    int at = from;
    while (bytes[at] != '\n') {
      at++;
    }
    return at;
  }
}
