package dev.keyledger.checking.http.extauthz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.checking.http.extauthz.ProtobufReader.MalformedException;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.HttpAnswer.Header;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExtAuthzAnswerTest {
  private static final int TO_APPLICATION = 2;
  private static final int REMOVED = 5;
  private static final int TO_CLIENT = 6;

  @Test
  void eachHeaderGoesWhereItBelongs() throws MalformedException {
    var answer =
        new HttpAnswer(
            200,
            List.of(
                new Header("Cache-Control", "no-store"),
                new Header("X-Key-Id", "key_1"),
                new Header("X-Key-Name", "Billing"),
                new Header("Keyledger-Renewal-Due", "2026-03-01T00:00:00Z")),
            new byte[0]);

    byte[] message = ExtAuthzAnswer.of(answer, List.of("X-KEY-ID", "x-key-role", "x_key_id"));

    assertThat(headers(message, TO_APPLICATION))
        .containsExactly("x-key-id: key_1", "x-key-name: Billing");
    assertThat(headers(message, TO_CLIENT))
        .containsExactly("keyledger-renewal-due: 2026-03-01T00:00:00Z");
    assertThat(headers(message, REMOVED))
        .containsExactlyInAnyOrder("x-key-metadata", "x-key-role", "x_key_id");
  }

  /** Returns the headers in a field of the answer that lets a request pass. */
  private static List<String> headers(byte[] message, int field) throws MalformedException {
    var found = new ArrayList<String>();
    var response = new ProtobufReader(message);
    while (response.next()) {
      if (response.number() == 3) {
        ProtobufReader ok = response.message();
        while (ok.next()) {
          if (ok.number() == field) {
            found.add(field == REMOVED ? ok.text(UTF_8) : header(ok.message()));
          }
        }
      }
    }
    return found;
  }

  private static String header(ProtobufReader option) throws MalformedException {
    var texts = new ArrayList<String>();
    while (option.next()) {
      if (option.number() == 1) {
        ProtobufReader header = option.message();
        while (header.next()) {
          texts.add(header.text(UTF_8));
        }
      }
    }
    return String.join(": ", texts);
  }
}
