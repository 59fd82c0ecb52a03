package dev.keyledger.delivery.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The addresses that webhooks must not reach, in every notation. */
class ForbiddenAddressesTest {
  private static final ReachableNetworks PUBLIC = new ReachableNetworks(List.of());
  private static final ReachableNetworks LOCAL =
      new ReachableNetworks(List.of("127.0.0.0/8", "fd00::/8"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        // loopback
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "127.255.255.254",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "0X7F.1",
        "127.0.0.1.",
        "127.000.000.001",
        "00127.0.0.1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        // this network
        "0.0.0.0",
        "0",
        "0.1.2.3",
        "[::]",
        // private
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.1.255",
        "0xc0a80001",
        "3232235521",
        "[fc00::1]",
        "[fd12:3456:789a::1]",
        // link-local and metadata
        "169.254.169.254",
        "169.254.0.1",
        "2852039166",
        "[fe80::1]",
        "[febf::1]",
        "[fd00:ec2::254]",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        // carriers, benchmarks, protocol assignments
        "100.64.0.1",
        "100.127.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "192.0.0.1",
        "192.88.99.1",
        // multicast, reserved, broadcast
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "[ff02::1]",
        "[ff0e::1]",
        // documentation
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.7",
        "[2001:db8::1]",
        "[3fff:fff::1]",
        // 6to4, Teredo, NAT64
        "[2002:7f00:1::]",
        "[2002:c0a8:1::1]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[2001::1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b:1::1]",
        // others that are not global
        "[100::1]",
        "[4000::1]",
        "[5f00::1]",
        "[fec0::1]"
      })
  void areRefusedInAUrlAndAtConnect(String host) {
    for (String url : List.of("https://" + host + "/hook", "https://" + host + ":8443/")) {
      assertThatThrownBy(() -> TargetUrl.parse(url, PUBLIC))
          .as(url)
          .isInstanceOf(IllegalArgumentException.class);
    }
    if (!host.toLowerCase(Locale.ROOT).contains("localhost")) {
      // As the client asks, with brackets or without.
      for (String asked : List.of(host, host.replaceAll("[\\[\\]]", ""))) {
        assertThatThrownBy(() -> resolver(PUBLIC, true, "203.0.114.1").resolve(asked))
            .as(asked)
            .isInstanceOf(UnknownHostException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.20.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.251",
        "255.255.255.255",
        "168.63.129.16",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fd00:ec2::254"
      })
  void areRefusedBehindANameToo(String address) throws Exception {
    TargetUrl url = TargetUrl.parse("https://hooks.example.com/", PUBLIC);
    String name = url.uri().getHost();

    assertThatThrownBy(() -> resolver(PUBLIC, true, address).resolve(name))
        .isInstanceOf(UnknownHostException.class);
    assertThatThrownBy(() -> resolver(PUBLIC, true, "93.184.215.14", address).resolve(name))
        .as("one of several addresses")
        .isInstanceOf(UnknownHostException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "[2606:4700::1111]",
        "[2001:200::1]",
        "[2001:db7::1]",
        "[2001:db9::1]",
        "[2003::1]",
        "[64:ff9b::1.1.1.1]",
        "[3ffe:ffff::1]"
      })
  void theirPublicNeighboursAreNot(String host) throws Exception {
    assertThatCode(() -> TargetUrl.parse("https://" + host + "/hook", PUBLIC))
        .doesNotThrowAnyException();
    assertThat(resolver(PUBLIC, true).resolve(host)).hasSize(1);
  }

  @Test
  void onlyPermittedAddressesAreReachedWithoutTls() throws Exception {
    for (String host : List.of("127.0.0.1", "127.9.9.9", "[fd00::1]", "localhost")) {
      assertThatCode(() -> TargetUrl.parse("http://" + host + ":8080/hook", LOCAL))
          .as(host)
          .doesNotThrowAnyException();
    }
    assertThat(resolver(LOCAL, false).resolve("127.0.0.1")).hasSize(1);
    assertThat(resolver(LOCAL, false, "127.0.0.2").resolve("name.example")).hasSize(1);
    for (String host : List.of("128.0.0.1", "10.0.0.1", "[::1]", "[fe80::1]")) {
      assertThatThrownBy(() -> TargetUrl.parse("http://" + host + "/hook", LOCAL))
          .as(host)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> resolver(LOCAL, false, "1.1.1.1").resolve("name.example"))
        .as("a public address without TLS")
        .isInstanceOf(UnknownHostException.class);
    assertThatThrownBy(() -> TargetUrl.parse("http://hooks.example.com/", PUBLIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https:///path",
        "https://",
        "https://user@hooks.example.com/",
        "https://user:password@hooks.example.com/",
        "https://hooks.example.com/#fragment",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:99999999999/",
        "https://hooks example.com/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: other",
        "https://hooks.exämple.com/",
        "https://１２７.0.0.1/",
        "https://hooks_example.com/",
        "https://-hooks.example.com/",
        "https://hooks..example.com/",
        "https://[::1%25lo]/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.fe80::a]/",
        "https://1.2.3.4.5/",
        "https://1.2.3/",
        "https://256.1.1.1/",
        "https://1.2.3.04/",
        "https://a.0x7f/"
      })
  void otherTextsAreNoUrlsOfWebhooks(String text) {
    assertThatThrownBy(() -> TargetUrl.parse(text, PUBLIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aUrlHasSoManyCharactersAndNotOneMore() {
    String start = "https://hooks.example.com/";
    String longest = start + "a".repeat(TargetUrl.LENGTH_MAX - start.length());

    assertThat(TargetUrl.parse(longest, PUBLIC)).hasToString("https://hooks.example.com");
    assertThatThrownBy(() -> TargetUrl.parse(longest + "a", PUBLIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static CheckedResolver resolver(
      ReachableNetworks networks, boolean publicToo, String... addresses) {
    return new CheckedResolver(names(addresses), networks, publicToo);
  }

  /** Returns a resolver that answers each name with these addresses. */
  private static DnsResolver names(String... addresses) {
    return new DnsResolver() {
      @Override
      public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = new InetAddress[addresses.length];
        for (int i = 0; i < found.length; i++) {
          found[i] = InetAddress.ofLiteral(addresses[i]);
        }
        return found;
      }

      @Override
      public String resolveCanonicalHostname(String host) {
        return host;
      }
    };
  }
}
