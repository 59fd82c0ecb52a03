package dev.keyledger.conditions;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, 203.0.113.7",
    "203.0.113.7:0, 203.0.113.7",
    "203.0.113.7:51234, 203.0.113.7",
    "203.0.113.7:65535, 203.0.113.7",
    "2001:db8::7, 2001:db8::7",
    "[2001:db8::7], 2001:db8::7",
    "[2001:DB8::7]:443, 2001:db8::7",
    "[::ffff:203.0.113.7]:443, 203.0.113.7",
    "::7, ::7"
  })
  void anAddressMayHaveAPort(String text, String literal) {
    assertThat(IpAddress.parseWithPort(text)).hasToString(literal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":443",
        "203.0.113.7:",
        "203.0.113.7:x",
        "203.0.113.7:-1",
        "203.0.113.7:65536",
        "203.0.113.7:123456",
        "203.0.113.7:1:2",
        "203.0.113.7 :1",
        "203.0.113.7:１",
        "203.0.113.07:1",
        "[203.0.113.7]",
        "[203.0.113.7]:1",
        "[]",
        "[]:1",
        "[2001:db8::7",
        "2001:db8::7]",
        "[2001:db8::7]443",
        "[2001:db8::7]:",
        "[2001:db8::7]:x",
        "[[2001:db8::7]]",
        "[2001:db8::7%25eth0]:1",
        "unknown",
        "_hidden",
        "localhost:80"
      })
  void nothingElseIsAnAddress(String text) {
    assertThat(IpAddress.parseWithPort(text)).isNull();
  }
}
