package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.StrictJson;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  private static final int ROUNDS = 20_000;

  @Test
  void writtenTextIsReadUnchanged() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      String text = random(random);
      var json = new JsonText(1);
      json.writeStartObject();
      json.writeStringProperty(text, text);
      json.writeEndObject();
      assertThat(StrictJson.MAPPER.readTree(json.toBytes()).get(text).stringValue())
          .as("seed %d", seed)
          .isEqualTo(text);
    }
  }

  @Test
  void halfASurrogatePairIsEscaped() {
    var json = new JsonText(64);
    json.writeStartObject();
    json.writeStringProperty("half", "\ud800\udc00\udc00\ud800");
    json.writeEndObject();

    assertThat(new String(json.toBytes(), UTF_8))
        .isEqualTo("{\"half\":\"\ud800\udc00\\uDC00\\uD800\"}");
  }

  @Test
  void commasStandBetweenWhateverFollowsOnEachOther() {
    var json = new JsonText(64);
    json.writeStartObject();
    json.writeArrayPropertyStart("empty");
    json.writeEndArray();
    json.writeArrayPropertyStart("list");
    json.writeString("a:");
    json.writeString("b");
    json.writeStartObject();
    json.writeEndObject();
    json.writeStartObject();
    json.writeBooleanProperty("yes", true);
    json.writeNumberProperty("least", Long.MIN_VALUE);
    json.writeEndObject();
    json.writeEndArray();
    json.writeObjectPropertyStart("object");
    json.writeTimeProperty("usual", Instant.EPOCH);
    json.writeTimeProperty("far", Instant.MAX);
    json.writeEndObject();
    json.writeEndObject();

    assertThat(new String(json.toBytes(), UTF_8))
        .isEqualTo(
            """
            {"empty":[],"list":["a:","b",{},{"yes":true,"least":-9223372036854775808}],\
            "object":{"usual":"1970-01-01T00:00:00Z","far":"+1000000000-12-31T23:59:59.999999999Z"}}\
            """);
  }

  /** Returns random characters of every length in UTF-8, including those that must be escaped. */
  private static String random(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(20); i >= 0; i--) {
      int[] limits = {0x20, 0x80, 0x800, 0xd800, 0x110000};
      int codePoint = random.nextInt(limits[random.nextInt(limits.length)]);
      boolean half = codePoint >= 0xd800 && codePoint <= 0xdfff;
      text.appendCodePoint(half ? '"' : codePoint);
    }
    return text.toString();
  }
}
