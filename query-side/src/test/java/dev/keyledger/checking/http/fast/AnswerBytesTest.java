package dev.keyledger.checking.http.fast;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerBytesTest {
  private static final Instant SECOND = Instant.parse("2026-03-01T09:08:07Z");

  private final AnswerBytes answers = new AnswerBytes();

  @Test
  void theDateIsThatOfTheAnswerAlthoughItIsFormattedOncePerSecond() {
    assertThat(textAt(SECOND)).contains("\r\ndate: Sun, 01 Mar 2026 09:08:07 GMT\r\n");
    assertThat(textAt(SECOND.plusNanos(999_999_999))).contains("09:08:07 GMT\r\n");
    assertThat(textAt(SECOND.plusSeconds(1))).contains("09:08:08 GMT\r\n");
    assertThat(textAt(SECOND)).contains("09:08:07 GMT\r\n");
  }

  private String textAt(Instant now) {
    var answer = new HttpAnswer(200, List.of(), new byte[0]);
    ByteBuf bytes = answers.of(UnpooledByteBufAllocator.DEFAULT, answer, now, null, false);
    try {
      return bytes.toString(US_ASCII);
    } finally {
      bytes.release();
    }
  }
}
