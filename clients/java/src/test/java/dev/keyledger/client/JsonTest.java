package dev.keyledger.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    var expected = new LinkedHashMap<String, Object>();
    expected.put("text", "a\"\\/\b\f\n\r\t\u00e9\ud83d\ude00");
    expected.put("numbers", List.of(0L, -7L, 999_999_999_999_999_999L));
    expected.put("others", List.of(new BigDecimal("1.50"), new BigDecimal("-2e3")));
    expected.put("rest", Arrays.asList(true, false, null, Map.of(), List.of()));
    assertThat(
            Json.read(
                """
                 { "text" : "a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\ud83d\\uDE00",
                 "numbers":[0,-7, 999999999999999999],"others":[1.50,-2e3],
                 "rest":[true,false,null,{},[ ]] }
                """))
        .isEqualTo(expected);
  }

  @Test
  void aNumberOfMoreDigitsKeepsThem() {
    assertThat(Json.read("9999999999999999999")).isEqualTo(new BigDecimal("9999999999999999999"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1,\"a\":2}",
        "1 2",
        "[] []",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "tru",
        "True",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u\uff11\uff11\uff11\uff11\"",
        "\"a\nb\"",
        "\"a\\n\tb\"",
        "'a'",
        "{\"a\" 1}",
        "[1 2]",
        "\u00a01",
      })
  void rejectsWhatIsNoJson(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Json.read(text));
  }

  @Test
  void readsSixtyFourLevels() {
    String deepest = "[".repeat(Json.DEPTH_MAX) + "]".repeat(Json.DEPTH_MAX);
    assertThat(Json.read(deepest)).isInstanceOf(List.class);
    assertThatIllegalArgumentException().isThrownBy(() -> Json.read("[" + deepest + "]"));
    String wide = "[" + "[],{},".repeat(Json.DEPTH_MAX) + "0]";
    assertThat(Json.read(wide)).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(129);
  }

  @Test
  void saysNothingOfTheTextThatItRejects() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.read("{\"secret\": kl_live_x}"))
        .withMessageNotContaining("kl_live");
  }

  @Test
  void writesWhatItReads() {
    String text =
        """
        {"a":"\\"\\\\\\u000a\\ud83d\\ude00","b":[1,-2.5,true,null],"c":{},"d":[],"e":{"f":"g"}}\
        """;
    assertThat(Json.write(requireNonNull(Json.read(text)))).isEqualTo(text);
  }
}
