package dev.keyledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
  @ParameterizedTest
  @CsvSource({
    "2027-01-31T12:00:00Z, 2027-01-31T12:00:00Z",
    "2027-01-31t12:00:00z, 2027-01-31T12:00:00Z",
    "2027-01-31T12:00:00+00:00, 2027-01-31T12:00:00Z",
    "2027-01-31T12:00:00-00:00, 2027-01-31T12:00:00Z",
    "2027-01-31T12:00:00+02:00, 2027-01-31T10:00:00Z",
    "2027-01-31T23:00:00-05:30, 2027-02-01T04:30:00Z",
    "2027-01-31T12:00:00+23:59, 2027-01-30T12:01:00Z",
    "2027-01-31T12:00:00-23:59, 2027-02-01T11:59:00Z",
    "2027-01-31T12:00:00.123456789+01:00, 2027-01-31T11:00:00.123456789Z",
    "2027-01-31T12:00:00.5Z, 2027-01-31T12:00:00.500Z",
    "2028-02-29T23:59:59Z, 2028-02-29T23:59:59Z",
    "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z, 9999-12-31T23:59:59.999999999Z"
  })
  void everyOffsetIsRead(String text, Instant expected) {
    assertThat(Rfc3339.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2027-01-31T24:00:00Z",
        "2027-01-31T23:59:60Z",
        "2016-12-31T23:59:60Z",
        "2027-02-29T12:00:00Z",
        "2027-13-01T12:00:00Z",
        "2027-01-31T12:60:00Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01"
      })
  void timesThatDoNotExistAreRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rfc3339.parse(text))
        .withMessage("must be a time that exists");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2027-01-31",
        "2027-01-31T12:00:00",
        "2027-01-31T12:00Z",
        "2027-01-31 12:00:00Z",
        "2027-01-31T12:00:00 02:00",
        "2027-01-31T12:00:00+0200",
        "2027-01-31T12:00:00+02",
        "2027-01-31T12:00:00+24:00",
        "2027-01-31T12:00:00+02:60",
        "2027-01-31T12:00:00,5Z",
        "2027-01-31T12:00:00.Z",
        "2027-01-31T12:00:00.1234567890Z",
        "+2027-01-31T12:00:00Z",
        "2027-01-31T12:00:00Z\n",
        "2027-01-31T12:00:00\u0660\u0660Z"
      })
  void otherFormsAreRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rfc3339.parse(text))
        .withMessageStartingWith("must be an RFC 3339 time");
  }

  @Test
  void aPlusSignInAQueryNeedNotBeEncoded() {
    assertThat(Rfc3339.parseParameter("2027-01-31T12:00:00 02:00"))
        .isEqualTo(Instant.parse("2027-01-31T10:00:00Z"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rfc3339.parseParameter("2027-01-31 12:00:00Z"));
  }
}
