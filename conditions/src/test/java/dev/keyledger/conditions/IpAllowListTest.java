package dev.keyledger.conditions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAllowListTest {

  @Test
  void anEmptyListAllowsAnyAddressAndAnUnknownOne() {
    var any = IpAllowList.parse(List.of());
    assertThat(any.isAny()).isTrue();
    assertThat(any.contains("203.0.113.7")).isTrue();
    assertThat(any.contains(null)).isTrue();
    assertThat(any.toCanonical()).isEmpty();
    assertThat(any).hasToString("any");
  }

  @Test
  void aListAllowsItsAddressesOnly() {
    var list = list("203.0.113.0/24", "2001:db8::7");
    assertThat(list.isAny()).isFalse();
    assertThat(list.contains("203.0.113.255")).isTrue();
    assertThat(list.contains("203.0.114.0")).isFalse();
    assertThat(list.contains("2001:db8::7")).isTrue();
    assertThat(list.contains("2001:db8::8")).isFalse();
    assertThat(list.contains(null)).isFalse();
    assertThat(list).hasToString("[203.0.113.0/24, 2001:db8::7]");
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7,        203.0.113.7",
    "0.0.0.0/0,          0.0.0.0/0",
    "255.255.255.255/32, 255.255.255.255/32",
    "10.128.0.0/9,       10.128.0.0/9",
    "0123:4567:89AB:CDEF:89ab:cdef:0:0, 123:4567:89ab:cdef:89ab:cdef::",
    "::,                 ::",
    "::/0,               ::/0",
    "::1,                ::1",
    "1::,                1::",
    "2001:DB8::/32,      2001:db8::/32",
    "2001:0db8:0:0:0:0:0:1, 2001:db8::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "1:2:3:4:5:6:7:8/128, 1:2:3:4:5:6:7:8/128",
    "1:2:3:4:5:6::,      1:2:3:4:5:6::",
    "64:ff9b::192.0.2.1, 64:ff9b::c000:201",
    "::ffff:192.0.2.1,   192.0.2.1",
    "::FFFF:c000:0201,   192.0.2.1",
    "::ffff:192.0.2.0/120, 192.0.2.0/24",
    "::ffff:0:0/96,      0.0.0.0/0",
    "::192.0.2.1,        ::c000:201",
  })
  void writesTheCanonicalForm(String text, String canonical) {
    assertThat(list(text).toCanonical()).containsExactly(canonical);
    assertThat(list(canonical).toCanonical()).containsExactly(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "localhost",
        "example.com",
        "203.0.113",
        "203.0.113.",
        ".203.0.113.7",
        "203.0.113.7.1",
        "203.0.113.256",
        "203.0.113.1000",
        "203.0.113.07",
        "203.0.113.00",
        "0xcb.0.113.7",
        "3405803783",
        "203.0.113.7 ",
        " 203.0.113.7",
        "203.0.113.-7",
        "203.0.113.\uff17",
        "203.0.113.7/",
        "203.0.113.7/33",
        "203.0.113.7/032",
        "203.0.113.7/+32",
        "203.0.113.7/-1",
        "203.0.113.7/3a",
        "203.0.113.7/4294967328",
        "203.0.113.7/255.255.255.255",
        "203.0.113.0/24/24",
        "203.0.113.1/24",
        "128.0.0.0/0",
        ":",
        ":::",
        ":1",
        "1:",
        "1::2::3",
        "1:::2",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "00001::",
        "g::",
        "G::",
        "@::",
        "`::",
        "/::",
        "203.0.113.:",
        "203.0.113.7/:",
        "::/1/",
        "::/129",
        "::1/127",
        "2001:db8::1/64",
        "8000::/0",
        "fe80::1%eth0",
        "[::1]",
        "1:2:3:4:5:6:7:192.0.2.1",
        "1:2:3:4:5:6:7:8:192.0.2.1",
        "::192.0.2.1:1",
        "::192.0.2",
        "::192.0.2.01",
        "::ffff:192.0.2.1/95",
        "::ffff:0:0/90",
        "::ffff:192.0.2.1/129",
        "::\uff11",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:00",
      })
  void rejectsEverythingElse(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> list(text));
    if (text.indexOf('/') < 0) {
      assertThat(list("0.0.0.0/0", "::/0").contains(text)).isFalse();
    }
  }

  @Test
  void readsTheLongestLiteral() {
    assertThat(list("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255").toCanonical())
        .containsExactly("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  }

  /** Reads the table that the clients' tests read too. */
  @ParameterizedTest
  @CsvFileSource(resources = "addresses.csv")
  void allowsWhatTheTableSays(String range, String address, boolean allowed) {
    assertThat(list(range).contains(address)).isEqualTo(allowed);
  }

  @Test
  void aRangeIsContainedOnce() {
    assertThat(list("192.0.2.1", "::ffff:192.0.2.1").toCanonical()).containsExactly("192.0.2.1");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,   10.1.0.0/16, true",
    "10.0.0.0/8,   10.0.0.0/8,  true",
    "10.0.0.0/8,   10.2.3.4,    true",
    "10.1.0.0/16,  10.0.0.0/8,  false",
    "10.0.0.0/8,   11.0.0.0/16, false",
    "::/0,         10.0.0.0/8,  false",
    "0.0.0.0/0,    ::1,         false",
  })
  void coversNarrowerLists(String wide, String narrow, boolean covers) {
    assertThat(list(wide, "192.0.2.1").covers(list(narrow, "192.0.2.1"))).isEqualTo(covers);
    assertThat(IpAllowList.ANY.covers(list(narrow))).isTrue();
    assertThat(list(wide).covers(IpAllowList.ANY)).isFalse();
    assertThat(IpAllowList.ANY.covers(IpAllowList.ANY)).isTrue();
  }

  /**
   * Compares with the JDK's parser, which is safe here: the test generates the literals, so that no
   * name is resolved.
   */
  @Test
  void containsTheAddressesThatArithmeticGives() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      int bits = random.nextBoolean() ? 32 : 128;
      int prefix = random.nextInt(bits + 1);
      var address = new BigInteger(bits, random);
      BigInteger network = address.shiftRight(bits - prefix).shiftLeft(bits - prefix);
      int flipped = random.nextInt(bits);
      BigInteger other = network.flipBit(flipped);
      var range = list(text(network, bits) + "/" + prefix);
      assertThat(range.contains(text(address, bits))).as("seed %s", seed).isTrue();
      assertThat(range.contains(text(other, bits)))
          .as("seed %s: %s in %s", seed, text(other, bits), range)
          .isEqualTo(flipped < bits - prefix);
    }
  }

  private static String text(BigInteger address, int bits) throws Exception {
    byte[] bytes = new byte[bits / 8];
    byte[] given = address.toByteArray();
    for (int i = 1; i <= Math.min(bytes.length, given.length); i++) {
      bytes[bytes.length - i] = given[given.length - i];
    }
    return InetAddress.getByAddress(bytes).getHostAddress();
  }

  private static IpAllowList list(String... texts) {
    return IpAllowList.parse(List.of(texts));
  }
}
