package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.HttpAnswer;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardAuth403Test {
  private final Node node = new Node();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?permission=write:users",
        "?permission=read:users&permission=write:users",
        "?match=all&permission=read:users&permission=write:users",
        "?match=any&permission=write:users&permission=own:users",
        "?permission=keyledger:verify"
      })
  void aValidKeyWithoutARequiredPermissionIsForbidden(String query) {
    Node.Issued key = node.issue(USUAL);
    HttpAnswer answer = ask(query, key);
    assertThat(answer.status()).isEqualTo(403);
    assertThat(
            answer.headers().stream()
                .filter(header -> header.name().equals("WWW-Authenticate"))
                .map(HttpAnswer.Header::value))
        .containsExactly("Bearer error=\"insufficient_scope\", scope=\"" + required(query) + "\"");
    assertThat(Node.json(answer).get("code").stringValue()).isEqualTo("forbidden");
    assertThat(answer.headers()).noneMatch(header -> header.name().startsWith("X-Key-"));
  }

  @Test
  void aPatternOverEverythingHoldsNoneOfKeyledgersOwn() {
    Node.Issued key = node.issue(USUAL.holding("*:*"));
    assertThat(ask("?permission=keyledger:verify", key).status()).isEqualTo(403);
    assertThat(ask("?permission=anything:else", key).status()).isEqualTo(200);
  }

  /** Returns the permissions in a query, separated by spaces. */
  private static String required(String query) {
    return Arrays.stream(query.substring(1).split("&", -1))
        .filter(parameter -> parameter.startsWith("permission="))
        .map(parameter -> parameter.substring("permission=".length()))
        .collect(Collectors.joining(" "));
  }

  private HttpAnswer ask(String query, Node.Issued key) {
    return node.send(new SentRequest("GET", "/v1/forward-auth" + query).bearer(key.secret()));
  }
}
