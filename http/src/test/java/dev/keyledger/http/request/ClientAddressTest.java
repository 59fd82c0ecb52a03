package dev.keyledger.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.ApiRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {
  private static final String PROXY = "10.0.0.1";
  private static final String STRANGER = "198.51.100.1";

  private final ClientAddress addresses = new ClientAddress(List.of("10.0.0.0/8"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.7|203.0.113.7",
        "203.0.113.7:51234|203.0.113.7",
        "[2001:db8::7]:443|2001:db8::7",
        "2001:db8::7|2001:db8::7",
        "198.51.100.9, 203.0.113.7:51234|203.0.113.7",
        "unknown, 203.0.113.7|203.0.113.7",
        "203.0.113.7:1, 10.0.0.2:2|203.0.113.7",
        "203.0.113.7,, ,|203.0.113.7",
        "10.0.0.3, 10.0.0.2|10.0.0.3",
        ",|10.0.0.1"
      })
  void theLastHopThatIsNoTrustedProxyIsTheClient(String hops, String client) {
    assertThat(of(PROXY, "X-Forwarded-For", hops)).isEqualTo(client);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unknown",
        "203.0.113.7, unknown",
        "203.0.113.7, _hidden",
        "203.0.113.7, 203.0.113.7:x",
        "203.0.113.7:123456",
        "203.0.113.7, 10.0.0.2:",
        "[203.0.113.7]:1",
        "unknown, 10.0.0.2"
      })
  void aHopThatCannotBeReadYieldsNoAddress(String hops) {
    assertThat(of(PROXY, "X-Forwarded-For", hops)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=203.0.113.7|203.0.113.7",
        "For=\"203.0.113.7:51234\"|203.0.113.7",
        "for=\"[2001:db8::7]:443\";proto=https;by=10.0.0.1|2001:db8::7",
        "proto=https; for=203.0.113.7 ;host=\"a,b;c\"|203.0.113.7",
        "for=198.51.100.9, for=203.0.113.7|203.0.113.7",
        "for=_hidden, for=203.0.113.7|203.0.113.7",
        "for=203.0.113.7, for=10.0.0.2|203.0.113.7",
        "for=203.0.113.7,|203.0.113.7"
      })
  void withoutThatHeaderForwardedNamesTheHops(String forwarded, String client) {
    assertThat(of(PROXY, "Forwarded", forwarded)).isEqualTo(client);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for=unknown",
        "for=_hidden",
        "for=203.0.113.7, proto=https",
        "for=203.0.113.7;for=203.0.113.8",
        "for=203.0.113.7, for",
        "for=203.0.113.7, for=",
        "for=203.0.113.7, for=\"203.0.113.8",
        "for=203.0.113.7, for=\"203.0.113.8\"x",
        "for=203.0.113.7 for=203.0.113.8",
        "for=\"203.0.113.\\7\"",
        "for=2001:db8::7]",
        "203.0.113.7"
      })
  void anElementThatNamesNoAddressYieldsNone(String forwarded) {
    assertThat(of(PROXY, "Forwarded", forwarded)).isNull();
  }

  @Test
  void severalHeadersAreOneList() {
    assertThat(
            addresses.of(
                new Sent(
                    PROXY,
                    List.of("X-Forwarded-For", "x-forwarded-for"),
                    List.of("203.0.113.7", "10.0.0.2"))))
        .isEqualTo("203.0.113.7");
    assertThat(
            addresses.of(
                new Sent(
                    PROXY,
                    List.of("Forwarded", "X-Forwarded-For"),
                    List.of("for=203.0.113.8", "203.0.113.7"))))
        .isEqualTo("203.0.113.7");
    assertThat(
            addresses.of(
                new Sent(
                    PROXY,
                    List.of("Forwarded", "Forwarded"),
                    List.of("for=203.0.113.8", "for=203.0.113.7"))))
        .isEqualTo("203.0.113.7");
  }

  @Test
  void noHeaderOfAStrangerCounts() {
    assertThat(of(STRANGER, "X-Forwarded-For", "203.0.113.7")).isEqualTo(STRANGER);
    assertThat(of(STRANGER, "Forwarded", "for=unknown")).isEqualTo(STRANGER);
    assertThat(addresses.of(new Sent(PROXY, List.of(), List.of()))).isEqualTo(PROXY);
  }

  private @Nullable String of(String peer, String header, String value) {
    return addresses.of(new Sent(peer, List.of(header), List.of(value)));
  }

  private record Sent(String peerAddress, List<String> names, List<String> values)
      implements ApiRequest {
    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/";
    }

    @Override
    public @Nullable String query() {
      return null;
    }

    @Override
    public List<String> headers(String name) {
      var found = new ArrayList<String>();
      for (int i = 0; i < names.size(); i++) {
        if (names.get(i).equalsIgnoreCase(name)) {
          found.add(values.get(i));
        }
      }
      return found;
    }

    @Override
    public byte[] body(int bytesMax) {
      return new byte[0];
    }

    @Override
    public String requestId() {
      return "req_test";
    }
  }
}
