package dev.keyledger.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  record Inner(@Nullable String text) {}

  record Body(
      @Nullable String text,
      @Nullable List<String> texts,
      @Nullable Map<String, String> map,
      @Nullable Inner inner,
      @Nullable List<Inner> inners,
      @Nullable Boolean flag,
      @Nullable Long number,
      @Nullable Instant time,
      @Nullable Duration duration,
      @Nullable List<Duration> durations,
      @Nullable KeySecret secret,
      @Nullable List<KeySecret> secrets) {
    static final Body EMPTY =
        new Body(null, null, null, null, null, null, null, null, null, null, null, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", " { } "})
  void absentFieldsAreNull(String json) {
    assertThat(read(json)).isEqualTo(Body.EMPTY);
  }

  @Test
  void everyTypeIsRead() {
    Body body =
        read(
            """
            {"text":"ä","texts":["a",""],"map":{"k":"v"},"inner":{"text":"t"},"inners":[{}],
             "flag":false,"number":7,"time":"2027-01-31T12:00:00Z","duration":"P1D",
             "durations":["PT1S"],"secret":"s","secrets":["s"]}
            """);

    assertThat(body)
        .isEqualTo(
            new Body(
                "ä",
                List.of("a", ""),
                Map.of("k", "v"),
                new Inner("t"),
                List.of(new Inner(null)),
                false,
                7L,
                Instant.parse("2027-01-31T12:00:00Z"),
                Duration.ofDays(1),
                List.of(Duration.ofSeconds(1)),
                KeySecret.of("s"),
                List.of(KeySecret.of("s"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'texts':['a',null]}|texts[1]",
        "{'inners':[null]}|inners[0]",
        "{'durations':[null]}|durations[0]",
        "{'secrets':['s',null]}|secrets[1]"
      },
      quoteCharacter = '`')
  void nullIsRefusedInAList(String json, String path) {
    assertRefused(json, path, "must not be null; leave it out");
  }

  @Test
  void nullIsTheSameAsNothingAnywhereElse() {
    assertThat(
            read(
                """
                {"text":null,"texts":null,"map":null,"inner":null,"inners":null,"flag":null,
                 "number":null,"time":null,"duration":null,"durations":null,"secret":null,
                 "secrets":null}
                """))
        .isEqualTo(read("{}"));
    assertThat(read("null")).isEqualTo(read("{}"));
    assertThat(read("{\"inner\":{\"text\":null},\"inners\":[{\"text\":null}]}"))
        .isEqualTo(read("{\"inner\":{},\"inners\":[{}]}"));
    assertThat(read("{\"map\":{\"k\":null,\"l\":\"v\"}}"))
        .isEqualTo(read("{\"map\":{\"l\":\"v\"}}"));
    assertRefused("{'other':null}", "other", "is not known here");
  }

  @Test
  void theFieldsThatAreNullAreListed() {
    byte[] body =
        "{\"text\":null,\"map\":{\"k\":null},\"number\":1,\"inner\":null}".getBytes(UTF_8);

    assertThat(StrictJson.nullFields(body)).containsExactly("inner", "map.k", "text");
    assertThat(StrictJson.nullFields(new byte[0])).isEmpty();
    assertThat(StrictJson.nullFields("null".getBytes(UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'text':1}|text",
        "{'text':1.5}|text",
        "{'text':true}|text",
        "{'text':{}}|text",
        "{'text':['a']}|text",
        "{'texts':[1]}|texts[0]",
        "{'texts':['a',['b']]}|texts[1]",
        "{'texts':[['a']]}|texts[0]",
        "{'map':{'k':false}}|map.k",
        "{'inner':{'text':0}}|inner.text",
        "{'time':1}|time",
        "{'duration':1}|duration",
        "{'durations':[{}]}|durations[0]",
        "{'secret':[]}|secret",
        "{'secrets':[7]}|secrets[0]"
      },
      quoteCharacter = '`')
  void onlyAStringIsAString(String json, String path) {
    assertRefused(json, path, "must be a string");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'texts':'a'}|texts",
        "{'texts':''}|texts",
        "{'texts':{}}|texts",
        "{'map':[]}|map",
        "{'map':''}|map",
        "{'inner':'t'}|inner",
        "{'inner':''}|inner",
        "{'inner':[]}|inner",
        "{'flag':'true'}|flag",
        "{'flag':''}|flag",
        "{'flag':1}|flag",
        "{'number':'1'}|number",
        "{'number':1.0}|number"
      },
      quoteCharacter = '`')
  void noValueIsTakenForAnother(String json, String path) {
    assertRefused(json, path, "is of the wrong type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{'other':1}|other", "{'inner':{'other':1}}|inner.other"},
      quoteCharacter = '`')
  void unknownFieldsAreRefused(String json, String path) {
    assertRefused(json, path, "is not known here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "\"{}\"", "1", "true"})
  void aBodyIsAnObject(String json) {
    assertThat(refusal(json).detail()).isEqualTo("The body must be a JSON object.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "{",
        "{\"text\":\"a\"",
        "{}x",
        "{\"text\":\"a\",\"text\":\"a\"}",
        "{\"map\":{\"k\":\"v\",\"k\":\"v\"}}",
        "{\"text\":nul}",
        "{\"number\":9223372036854775808}",
        "{'text':\"a\"}"
      })
  void malformedJsonIsRefused(String json) {
    assertThat(refusal(json).code()).isEqualTo(ProblemCode.BAD_REQUEST);
    assertThat(refusal(json).errors()).isEmpty();
  }

  @Test
  void nothingFollowsTheObject() {
    assertThat(refusal("{} {}").code()).isEqualTo(ProblemCode.BAD_REQUEST);
  }

  @Test
  void nestingIsLimited() {
    int levels = StrictJson.DEPTH_MAX;
    String deepest = "{\"other\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
    String deeper = "{\"other\":" + "[".repeat(levels) + "]".repeat(levels) + "}";

    assertThat(refusal(deepest).detail()).isEqualTo("other is not known here");
    assertThat(refusal(deeper).errors()).isEmpty();
  }

  @Test
  void aByteOrderMarkIsSkippedOnce() {
    assertThat(read("\ufeff{\"text\":\"\ufeffa\"}").text()).isEqualTo("\ufeffa");
    assertThat(refusal("\ufeff\ufeff{}").code()).isEqualTo(ProblemCode.BAD_REQUEST);
    assertThat(refusal(" \ufeff{}").code()).isEqualTo(ProblemCode.BAD_REQUEST);
  }

  @Test
  void otherEncodingsAreRefused() {
    ProblemException refusal =
        catchThrowableOfType(
            ProblemException.class,
            () -> StrictJson.read("{\"text\":\"ä\"}".getBytes(ISO_8859_1), Body.class));

    assertThat(refusal.detail()).isEqualTo("The body is not UTF-8.");
  }

  private static Body read(String json) {
    return StrictJson.read(json.getBytes(UTF_8), Body.class);
  }

  private static ProblemException refusal(String json) {
    return catchThrowableOfType(ProblemException.class, () -> read(json));
  }

  private static void assertRefused(String json, String path, String message) {
    ProblemException refusal = refusal(json.replace('\'', '"'));
    assertThat(refusal.code()).isEqualTo(ProblemCode.BAD_REQUEST);
    assertThat(refusal.errors()).containsExactly(new FieldError(path, message));
  }
}
