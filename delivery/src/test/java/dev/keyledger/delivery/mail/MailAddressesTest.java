package dev.keyledger.delivery.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The addresses that mail may be sent to. */
class MailAddressesTest {
  private static final MailAddresses ADDRESSES =
      new MailAddresses(
          true, List.of("example.com", " Example.ORG ", "xn--bcher-kva.example", "keys.example"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ops@example.com",
        "Ops@EXAMPLE.com",
        "first.last+tag@example.org",
        "o'brien=x_y-z@example.com",
        "a@xn--bcher-kva.example",
        "ops@keys.example",
      })
  void aPlainAddressInAListedDomainIsPermitted(String address) {
    assertThat(ADDRESSES.parse(address)).isEqualTo(address);
    assertThat(ADDRESSES.permits(address)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "ops",
        "@example.com",
        "ops@",
        "ops@example.net",
        "ops@sub.example.com",
        "ops@example.com.",
        "ops@notexample.com",
        "ops@example.com.example.net",
        "ops@[127.0.0.1]",
        "ops@exa\u200bmple.com",
        "ops@example\u3002com",
        "ops@\uff45xample.com",
        "ops@\u212Aeys.example",
        "\u00f6ps@example.com",
        "ops@b\u00fccher.example",
        "ops@example.com@example.net",
        "ops@example.net@example.com",
        "ops%example.net@example.com",
        "example.net!ops@example.com",
        "@example.net:ops@example.com",
        "ops@example.com,other@example.net",
        "ops@example.com other@example.com",
        "ops@example.com;other@example.com",
        "Ops <ops@example.com>",
        "<ops@example.com>",
        "ops@example.com (comment)",
        "ops(comment)@example.com",
        "\"ops\"@example.com",
        "\"ops@example.net\"@example.com",
        "ops\\@example.com",
        "|program@example.com",
        "/file@example.com",
        "-oQ/tmp@example.com",
        ".ops@example.com",
        "ops.@example.com",
        "o..ps@example.com",
        " ops@example.com",
        "ops@example.com ",
        "ops@example.com\n",
        "ops\r\n@example.com",
        "ops@example.com\r\nBcc: other@example.net",
        "ops@example.com\u0000",
        "ops\t@example.com",
      })
  void everythingElseIsRefused(String address) {
    assertThatThrownBy(() -> ADDRESSES.parse(address)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anAddressHasALongestForm() {
    String local = "a".repeat(MailAddresses.LOCAL_LENGTH_MAX);
    assertThat(ADDRESSES.parse(local + "@example.com")).startsWith(local);
    assertThatThrownBy(() -> ADDRESSES.parse("a" + local + "@example.com"))
        .hasMessageContaining("64 at most");

    String label = "b".repeat(63) + ".";
    String domain = label.repeat(2) + "b".repeat(61);
    var one = new MailAddresses(true, List.of(domain, domain + "b"));
    assertThat(one.parse(local + "@" + domain)).hasSize(MailAddresses.LENGTH_MAX);
    assertThatThrownBy(() -> one.parse(local + "@" + domain + "b")).hasMessageContaining("254");
  }

  @Test
  void withoutAListedDomainOrAServerNothingIsPermitted() {
    assertThatThrownBy(() -> new MailAddresses(true, List.of()).parse("ops@example.com"))
        .hasMessageContaining("KEYLEDGER_MAIL_ALLOWED_DOMAINS");
    assertThatThrownBy(
            () -> new MailAddresses(false, List.of("example.com")).parse("ops@example.com"))
        .hasMessageContaining("SPRING_MAIL_HOST");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "*", "*.example.com", "@example.com", "exa mple.com", "b\u00fccher.example"})
  void aListedDomainIsAName(String domain) {
    assertThatThrownBy(() -> new MailAddresses(true, List.of(domain)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
