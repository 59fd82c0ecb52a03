package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@ParameterizedClass
@EnumSource(Port.class)
@ExtendWith(SharedStandalone.class)
class ForwardAuthIT {
  private static final String PATH = "/v1/forward-auth";

  @Parameter Port port = Port.MAIN;

  private Client gateway;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess keyledger) {
    gateway = keyledger.client(port);
    issuer = keyledger.issuer();
  }

  @Test
  void aGoodKeyIs204AndSaysWhoseItIs() {
    IssuedKey key = issuer.issued("read:users", "read:orders");

    Answer answer = gateway.bearer(key.secret()).get(PATH + "?permission=read:users");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("X-Key-Id")).isEqualTo(key.id());
    assertThat(answer.header("X-Key-Owner")).isEqualTo("app:billing");
    assertThat(answer.header("X-Key-Workspace")).isEqualTo("default");
    assertThat(answer.header("X-Key-Permissions")).isEqualTo("read:users");
    assertThat(answer.header("X-Key-Expires-At"))
        .isEqualTo(key.answer().body().path("expiresAt").asString());
    assertThat(answer.headers().firstValue("X-Key-Renew-Before")).isPresent();
  }

  @Test
  void allHeadersArePresentEvenIfEmpty() {
    IssuedKey key = issuer.issued();

    Answer answer = gateway.bearer(key.secret()).get(PATH);

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.headers().firstValue("X-Key-Permissions")).hasValue("");
  }

  @Test
  void theKeyMayComeInAHeaderOfItsOwn() {
    IssuedKey key = issuer.issued("read:users");

    assertThat(gateway.header("X-API-Key", key.secret()).get(PATH).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource({
    "permission=read:users, 204",
    "permission=read:orders, 403",
    "permission=read:users&permission=read:orders, 403",
    "permission=read:users&permission=read:orders&match=all, 403",
    "permission=read:users&permission=read:orders&match=any, 204",
    "permission=read:users&permission=write:reports:monthly, 204",
    "permission=read:carts&permission=read:orders&match=any, 403",
  })
  void permissionsAreHeldOrNot(String query, int status) {
    IssuedKey key = issuer.issued("read:users", "write:reports:*");

    Answer answer = gateway.bearer(key.secret()).get(PATH + "?" + query);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("WWW-Authenticate"))
        .isEqualTo(status == 403 ? "Bearer error=\"insufficient_scope\"" : "");
  }

  @Test
  void everyOtherRefusalIsOneAndTheSame401(KeyledgerProcess keyledger) {
    IssuedKey revoked = issuer.issued("read:users");
    issuer.done(revoked, "revoke", "{}");
    IssuedKey suspended = issuer.issued("read:users");
    issuer.done(suspended, "suspend", "{}");
    String good = issuer.issued("read:users").secret();
    Answer nothing = gateway.get(PATH);

    assertThat(nothing.status()).isEqualTo(401);
    for (Answer answer :
        List.of(
            gateway.bearer(revoked.secret()).get(PATH),
            gateway.bearer(suspended.secret()).get(PATH),
            gateway.bearer("unknown").get(PATH),
            gateway.bearer(keyledger.rootKey()).get(PATH),
            gateway.header("Authorization", "Basic " + good).get(PATH),
            gateway.header("Authorization", good).get(PATH),
            gateway.bearer(good + ", Bearer " + good).get(PATH),
            gateway.bearer(good).header("X-API-Key", good).get(PATH),
            gateway.bearer(issuer.issuedWith("\"environment\": \"test\"").secret()).get(PATH))) {
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.text()).isEqualTo(nothing.text());
      assertThat(constantHeadersOf(answer)).isEqualTo(constantHeadersOf(nothing));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?permision=read:users",
        "?permission=",
        "?permission=read:*",
        "?match=some&permission=read:users",
        "?environment=",
        "?atLeast=x",
      })
  void aQueryThatCannotBeUnderstoodLeavesNoCheckOut(String query) {
    IssuedKey key = issuer.issued("read:users");

    assertThat(gateway.bearer(key.secret()).get(PATH + query).status()).isBetween(400, 499);
  }

  @Test
  void theClientsOwnHeadersForUsAreIgnored() {
    IssuedKey key = issuer.issued("read:users");

    assertThat(
            gateway
                .bearer(key.secret())
                .header("Keyledger-At-Least", "x")
                .header("Keyledger-Workspace", "elsewhere")
                .get(PATH)
                .status())
        .isEqualTo(204);
  }

  private static Map<String, List<String>> constantHeadersOf(Answer answer) {
    var headers = new TreeMap<String, List<String>>();
    answer
        .headers()
        .map()
        .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    headers.remove("date");
    return headers;
  }
}
