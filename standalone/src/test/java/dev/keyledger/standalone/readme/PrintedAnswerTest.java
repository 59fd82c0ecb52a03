package dev.keyledger.standalone.readme;

import static dev.keyledger.standalone.readme.PrintedAnswer.constantPartOf;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintedAnswerTest {
  private static final String PRINTED =
      """
      {"keyId": "key_01m854cq3fe5bb70sywjzx3yrm", "version": 1, "position": 7,
       "createdAt": "2026-11-23T21:18:33.392866Z", "permissions": ["read:users"]}
      """;

  @Test
  void anotherRunIsTheSameAnswer() {
    assertThat(
            constantPartOf(
                """
                {"permissions":["read:users"],"createdAt":"2031-01-01T00:00:00Z","position":12,
                 "keyId":"key_01m854cq3fe5bb70sywjzx3yrn","version":1}
                """))
        .isEqualTo(constantPartOf(PRINTED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // a value that does not vary, another kind, a field less, a field more, an element more
        "\"version\": 1, | \"version\": 2,",
        "2026-11-23T21:18:33.392866Z | yesterday",
        "\"version\": 1, |",
        "\"version\": 1, | \"version\": 1, \"status\": \"active\",",
        "[\"read:users\"] | [\"read:users\", \"read:orders\"]",
      })
  void whateverElseDiffersIsNoticed(String change) {
    String[] fromTo = change.split("\\|", -1);
    String drifted = PRINTED.replace(fromTo[0].strip(), fromTo[1].strip());

    assertThat(drifted).isNotEqualTo(PRINTED);
    assertThat(constantPartOf(drifted)).isNotEqualTo(constantPartOf(PRINTED));
  }

  @Test
  void headersAreComparedByNameAndConstantValue() {
    String printed = "HTTP/1.1 204\nX-Key-Owner: app:a\nDate: Mon, 23 Nov 2026 21:40:39 GMT\n";

    assertThat(
            constantPartOf(
                "HTTP/1.1 204 \r\ndate: Tue, 24 Nov 2026 01:02:03 GMT\r\nX-Key-Owner: app:a\r\n"))
        .isEqualTo(constantPartOf(printed));
    assertThat(constantPartOf(printed.replace("app:a", "app:b")))
        .isNotEqualTo(constantPartOf(printed));
    assertThat(constantPartOf(printed.replace("204", "200"))).isNotEqualTo(constantPartOf(printed));
  }
}
