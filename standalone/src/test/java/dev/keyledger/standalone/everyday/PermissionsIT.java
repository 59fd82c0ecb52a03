package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Permissions in the forms of other systems, over HTTP; {@code PermissionTest} has all the rules.
 */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class PermissionsIT {
  private KeyledgerProcess keyledger;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    issuer = shared.issuer();
  }

  @ParameterizedTest
  @CsvSource({
    "users.read,                            users.write",
    "repo,                                  repos",
    "openid,                                openid.x",
    "User.Read,                             user.read",
    "s3:GetObject,                          s3:getobject",
    "users/read,                            users:read",
    "https://www.example.com/auth/drive,    https://www.example.com/auth/drive/",
    "*,                                     keyledger:verify",
    "https://*,                             http://example.com",
    "users/*/read,                          users/4/2/read",
    "'a|b{c}''(d)!#$%&+;<=>?@[]^_`~',       a|b",
  })
  void aKeyHoldsWhatItHoldsOnBothPorts(String held, String other) {
    String asked = held.replace("users/*", "users/42").replace("*", "example.com");
    IssuedKey key = issuer.issued(held);
    assertThat(key.answer().body().path("permissions").path(0).asString()).isEqualTo(held);

    for (Port port : Port.values()) {
      Client gateway = keyledger.client(port);
      assertThat(codeOf(port, key, asked)).as("%s", port).isEqualTo("VALID");
      assertThat(codeOf(port, key, other)).as("%s", port).isEqualTo("INSUFFICIENT_PERMISSIONS");
      Answer passed = forwardAuth(gateway, key, asked);
      assertThat(passed.status()).as(passed.text()).isBetween(200, 204);
      assertThat(passed.header("X-Key-Permissions")).isEqualTo(asked);
      assertThat(forwardAuth(gateway, key, other).status()).isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "read users",
        "read,users",
        "read:u*",
        "**",
        "r\u00e9ad",
        "keyledger",
        "keyledger:verfy",
        "Keyledger:verify",
        "keyledger.verify",
        "KEYLEDGER/x",
        "keyledger:audit:*",
        "keyledger:grant:keyledger:verify"
      })
  void aMalformedPermissionIsRefusedEverywhere(String permission) {
    assertWrongField(
        keyledger.root().post("/v1/keys", "{%s}".formatted(Issuer.fields(permission))),
        422,
        "invalid-field",
        "permissions");
    IssuedKey key = issuer.issued("read:users");
    assertWrongField(
        keyledger
            .root()
            .put(key.path() + "/permissions", "{\"permissions\": [\"" + permission + "\"]}"),
        422,
        "invalid-field",
        "permissions");
    assertThat(
            keyledger
                .root()
                .post(
                    "/v1/workspaces",
                    "{\"workspace\": \"refused\", \"policy\": {\"allowedPermissions\": [\"%s\"]}}"
                        .formatted(permission))
                .status())
        .isEqualTo(422);
    for (Port port : Port.values()) {
      assertThat(verify(port, key, permission).status()).isBetween(400, 422);
      assertThat(forwardAuth(keyledger.client(port), key, permission).status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "read:*", "*.read"})
  void aRequiredPermissionHasNoWildcard(String permission) {
    IssuedKey key = issuer.issued("*");
    for (Port port : Port.values()) {
      assertProblem(verify(port, key, permission), 400, "bad-request");
      assertThat(forwardAuth(keyledger.client(port), key, permission).status()).isEqualTo(400);
    }
  }

  @Test
  void keysAreFoundByThePermissionThatTheyHold() {
    IssuedKey key = issuer.issued("https://example.com/%_*/x".replace("*", "found"), "A.*");
    for (String held : List.of("https://example.com/%_found/x", "A.*")) {
      assertThat(keysWith(held, key)).as(held).contains(key.id());
    }
    for (String other : List.of("https://example.com/%xfound/x", "a.*", "A.b", "A:*")) {
      assertThat(keysWith(other, key)).as(other).doesNotContain(key.id());
    }
  }

  @Test
  void introspectionListsThemAsAScope() {
    IssuedKey key = issuer.issued("users.read", "https://example.com/auth/*");
    Answer answer =
        keyledger
            .root()
            .header("Content-Type", "application/x-www-form-urlencoded")
            .post("/oauth2/introspect", "token=" + key.secret());
    assertThat(answer.body().path("scope").asString())
        .isEqualTo("https://example.com/auth/* users.read");
  }

  @Test
  void theCeilingHoldsForThemToo() {
    IssuedKey operator =
        issuer.issued(
            "keyledger:keys:issue",
            "keyledger:grant:users/*",
            "keyledger:grant:https://example.com/*");
    Client client = keyledger.client().bearer(operator.secret());
    for (String may : List.of("users/a.b", "users/*", "https://example.com/a/*")) {
      assertThat(client.post("/v1/keys", "{%s}".formatted(Issuer.fields(may))).status())
          .as(may)
          .isEqualTo(201);
    }
    for (String mayNot :
        List.of(
            "users.a",
            "users/",
            "users//a",
            "Users/a",
            "*",
            "*/a",
            "https://example.com/",
            "https://*",
            "keyledger:self:renew",
            "keyledger:grant:users:x")) {
      assertProblem(
          client.post("/v1/keys", "{%s}".formatted(Issuer.fields(mayNot))),
          403,
          "permission-ceiling");
    }
  }

  @Test
  void aCallerWithAllGrantsMayGrantEveryForm() {
    IssuedKey operator = issuer.issued("keyledger:keys:issue", "keyledger:grant:*");
    Client client = keyledger.client().bearer(operator.secret());
    String all = Issuer.fields("*", "https://example.com/", "a:", "repo");
    assertThat(client.post("/v1/keys", "{%s}".formatted(all)).status()).isEqualTo(201);
    assertProblem(
        client.post("/v1/keys", "{%s}".formatted(Issuer.fields("keyledger:verify"))),
        403,
        "permission-ceiling");
  }

  private String codeOf(Port port, IssuedKey key, String permission) {
    Answer answer = verify(port, key, permission);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body().path("code").asString();
  }

  private Answer verify(Port port, IssuedKey key, String permission) {
    return keyledger
        .client(port)
        .bearer(keyledger.rootKey())
        .post(
            "/v1/verify",
            "{\"key\": \"%s\", \"permissions\": {\"allOf\": [\"%s\"]}}"
                .formatted(key.secret(), permission));
  }

  private static Answer forwardAuth(Client gateway, IssuedKey key, String permission) {
    return gateway.bearer(key.secret()).get("/v1/forward-auth?permission=" + encoded(permission));
  }

  private List<String> keysWith(String permission, IssuedKey after) {
    Answer page =
        keyledger
            .root()
            .header("Keyledger-At-Least", after.answer().header("Keyledger-Position"))
            .get("/v1/keys?permission=" + encoded(permission));
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    return page.body().path("data").valueStream().map(k -> k.path("keyId").asString()).toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
