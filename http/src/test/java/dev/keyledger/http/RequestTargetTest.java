package dev.keyledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "key_ledger",
        "key_ledger:8080",
        "a.b-c.d.:80",
        "a:",
        "203.0.113.7",
        "203.0.113.7:443",
        "[2001:db8::7]",
        "[2001:db8::7]:443",
        "%41b!$&'()*+,;=~"
      })
  void aHostIsWhatRfc3986Says(String host) {
    assertThat(RequestTarget.isHost(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b", "a/b", "a?b", "a#b", "u@a", "a:b", "a:-1", "a:1:2", "[a]", "[203.0.113.7]", "[::1",
        "::1", "[::1]x", "[::1%25eth0]", "a[", "\"a\"", "a\\b", "ä", "%4", "%zz", "a\tb", "<a>"
      })
  void nothingElseIsAHost(String host) {
    assertThat(RequestTarget.isHost(host)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "/a/./b/../..",
        "/a//..",
        "/%41%20%c3%a4",
        "/v1/owners/user/a%2Fb%5c/revoke-keys",
        "/a;b=c/..;d",
        "/...",
        "/a:b@c!$&'()*+,;="
      })
  void aPathIsWhatRfc3986Says(String path) {
    assertThat(RequestTarget.isValid(path, null)).isTrue();
    assertThat(RequestTarget.isValid(path, "a=b&c?d/e%zz")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "a",
        "a/b",
        "/..",
        "/a/../..",
        "/%2e%2e",
        "/a/..;b/..",
        "/a%2fb",
        "/a%2Fb",
        "/%5c",
        "/%ff",
        "/%c3",
        "/%00",
        "/%",
        "/%4",
        "/%zz",
        "/a b",
        "/a\\b",
        "/a|b",
        "/{a}",
        "/a#b",
        "/ä",
        "/a\tb"
      })
  void nothingElseIsAPath(String path) {
    assertThat(RequestTarget.isValid(path, null)).isFalse();
  }

  @Test
  void aQueryHasNoOtherCharactersEither() {
    for (String query : new String[] {"a b", "a|b", "{a}", "a#b", "ä", "a\"b"}) {
      assertThat(RequestTarget.isValid("/", query)).as(query).isFalse();
    }
  }

  @Test
  void aClientsPartMayBeAnythingVisible() {
    String appended = RequestTarget.FORWARD_AUTH_APPENDED;
    for (String part : new String[] {"_/a|b", "_/%zz", "_/../..", "_/%2f%00", "_\"<>[\\]^`{|}"}) {
      assertThat(RequestTarget.isValid(appended + part, part)).as(part).isTrue();
    }
    for (String part : new String[] {"_/a b", "_/a#b", "_/ä", "_/\u007f"}) {
      assertThat(RequestTarget.isValid(appended + part, null)).as(part).isFalse();
      assertThat(RequestTarget.isValid(appended, part)).as(part).isFalse();
    }
  }

  @Test
  void dotSegmentsAreKnownInEverySpelling() {
    for (String dots : new String[] {".", "..", "%2e", "%2E.", ".%2e", "%2e%2E", "..;a", ".;"}) {
      assertThat(RequestTarget.isDotSegment(dots)).as(dots).isTrue();
    }
    for (String name : new String[] {"", "...", "a", ".a", "%252e", "%2e%2e%2e", ";.", "..a"}) {
      assertThat(RequestTarget.isDotSegment(name)).as(name).isFalse();
    }
  }
}
