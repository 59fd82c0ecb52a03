package dev.keyledger.standalone.everyday;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Base64;
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
  void aGoodKeyIs200AndSaysWhoseItIs() {
    IssuedKey key = issuer.issued("read:users", "read:orders");

    Answer answer = gateway.bearer(key.secret()).get(PATH + "?permission=read:users");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("X-Key-Id")).isEqualTo(key.id());
    assertThat(answer.header("X-Key-Owner")).isEqualTo("app:billing");
    assertThat(answer.header("X-Key-Workspace")).isEqualTo("default");
    assertThat(answer.text()).isEmpty();
    assertThat(answer.header("X-Key-Environment")).isEqualTo("live");
    assertThat(answer.header("X-Key-Permissions")).isEqualTo("read:users");
    assertThat(answer.header("X-Key-Expires-At"))
        .isEqualTo(key.answer().body().path("expiresAt").asString());
    assertThat(answer.headers().firstValue("X-Key-Renew-Before")).isPresent();
  }

  @Test
  void noHeaderIsEmpty() {
    IssuedKey key = issuer.issued();

    Answer answer = gateway.bearer(key.secret()).get(PATH);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-Key-Permissions")).hasValue("-");
  }

  @Test
  void requestedDetailsAreReturned() {
    IssuedKey key =
        issuer.issuedWith("\"metadata\": {\"team\": \"ö\"}", "read:users", "write:reports:*");

    Answer answer = gateway.bearer(key.secret()).get(PATH + "?headers=name,metadata");

    assertThat(answer.header("X-Key-Permissions")).isEqualTo("read:users write:reports:*");
    assertThat(answer.header("X-Key-Name")).isEqualTo("Billing");
    assertThat(new String(Base64.getUrlDecoder().decode(answer.header("X-Key-Metadata")), UTF_8))
        .isEqualTo("{\"team\":\"ö\"}");
    assertThat(gateway.bearer(key.secret()).get(PATH + "?headers=id").status()).isEqualTo(400);
  }

  @Test
  void theGatewaySaysWhereTheKeyIs() {
    String key = issuer.issued("read:users").secret();
    String basic = Base64.getEncoder().encodeToString(("user:" + key).getBytes(UTF_8));
    Client user = gateway.bearer("a-user's-token");

    assertThat(user.header("X-API-Key", key).get(PATH).status()).isEqualTo(200);
    assertThat(user.header("X-API-Key", key).get(PATH + "?credential=bearer").status())
        .isEqualTo(401);
    assertThat(user.header("X-Acme", key).get(PATH + "?credential=header:x-acme").status())
        .isEqualTo(200);
    assertThat(user.header("X-Acme", key).get(PATH + "?credential=header:").status())
        .isEqualTo(400);
    for (String authorization : List.of("Token " + key, "ApiKey " + key, "Basic " + basic)) {
      Client client = gateway.header("Authorization", authorization);
      assertThat(client.get(PATH + "?credential=token,basic").status()).isEqualTo(200);
      assertThat(client.get(PATH).status()).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"})
  void eachMethodIsACheck(String method) {
    String key = issuer.issued("read:users").secret();

    assertThat(gateway.bearer(key).send(method, PATH, BodyPublishers.noBody()).status())
        .isEqualTo(200);
    assertThat(gateway.send(method, PATH, BodyPublishers.noBody()).status()).isEqualTo(401);
  }

  @Test
  void theClientsTargetMayBeAppended() {
    Client client = gateway.bearer(issuer.issued("read:users").secret());
    String appended = PATH + "/-/permission=read:users";

    for (String target : List.of("", "/", "/orders/1?permission=write:users", "//a%2Fb//")) {
      Answer answer = client.get(appended + target);
      assertThat(answer.status()).as(target).isEqualTo(200);
      assertThat(answer.header("X-Key-Permissions")).isEqualTo("read:users");
    }
    assertThat(client.get(appended.replace("read", "write") + "/x?permission=read:users").status())
        .isEqualTo(403);
    assertThat(client.get(appended + "/%2e%2e/x").status()).isEqualTo(401);
    assertThat(client.get(PATH + "/-/permision=read:users/x").status()).isEqualTo(400);
    assertThat(client.get(PATH + "/-//x").status()).isEqualTo(400);
  }

  @Test
  void theKeyMayComeInAHeaderOfItsOwn() {
    IssuedKey key = issuer.issued("read:users");

    assertThat(gateway.header("X-API-Key", key.secret()).get(PATH).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "permission=read:users, 200",
    "permission=read:orders, 403",
    "permission=read:users&permission=read:orders, 403",
    "permission=read:users&permission=read:orders&match=all, 403",
    "permission=read:users&permission=read:orders&match=any, 200",
    "permission=read:users&permission=write:reports:monthly, 200",
    "permission=read:carts&permission=read:orders&match=any, 403",
  })
  void permissionsAreHeldOrNot(String query, int status) {
    IssuedKey key = issuer.issued("read:users", "write:reports:*");

    Answer answer = gateway.bearer(key.secret()).get(PATH + "?" + query);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("WWW-Authenticate"))
        .startsWith(status == 403 ? "Bearer error=\"insufficient_scope\", scope=\"read:" : "");
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
            gateway.bearer(good).header("X-API-Key", "other").get(PATH),
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
        .isEqualTo(200);
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
