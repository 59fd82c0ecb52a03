package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
@ExtendWith(SharedStandalone.class)
class OAuthIT {
  private static final String INTROSPECT = "/oauth2/introspect";
  private static final String REVOKE = "/oauth2/revoke";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final int FORM_BYTES_MAX = 64 * 1024;

  private KeyledgerProcess keyledger;
  private Client root;
  private Client anybody;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    root = shared.root().header("Content-Type", FORM);
    anybody = shared.client().header("Content-Type", FORM);
    issuer = shared.issuer();
  }

  @Test
  void aValidKeyIsActive() {
    IssuedKey key = issuer.issued("read:users", "write:users");

    JsonNode told = introspected(key.secret());

    assertThat(told.path("active").asBoolean()).isTrue();
    assertThat(told.path("scope").asString()).isEqualTo("read:users write:users");
    assertThat(told.path("client_id").asString()).isEqualTo(key.id());
    assertThat(told.path("sub").asString()).isEqualTo("app:billing");
    assertThat(told.path("exp").asLong()).isGreaterThan(told.path("iat").asLong());
  }

  @Test
  void aKeyThatIsNotValidIsInactiveAndNothingElseIsSaid() {
    IssuedKey test = issuer.issuedWith("\"environment\": \"test\"", "read:users");
    IssuedKey revoked = issuer.issued("read:users");
    issuer.done(revoked, "revoke", "{}");

    for (String token :
        new String[] {
          test.secret() + "&environment=live", revoked.secret(), "x", keyledger.rootKey()
        }) {
      Answer answer = root.post(INTROSPECT, "token=" + token);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("{\"active\":false}");
    }
  }

  @Test
  void environmentAndAddressCountIfTheyAreNamedAndScopeIsAnswered() {
    IssuedKey key =
        issuer.issuedWith("\"environment\": \"test\", \"ipAllowList\": [\"192.0.2.1\"]", "read:*");

    assertThat(introspected(key.secret()).path("active").asBoolean()).isTrue();
    JsonNode asked =
        introspected(key.secret() + "&environment=test&ip=192.0.2.1:443&scope=read:users+own:it");
    assertThat(asked.path("active").asBoolean()).isTrue();
    assertThat(asked.path("scope").asString()).isEqualTo("read:users");
    assertThat(introspected(key.secret() + "&environment=live").path("active").asBoolean())
        .isFalse();
    assertThat(introspected(key.secret() + "&ip=192.0.2.2").path("active").asBoolean()).isFalse();
    assertThat(root.post(INTROSPECT, "token=x&scope=read:*").status()).isEqualTo(400);
  }

  @Test
  void theCallerMayComeInTheForm() {
    String client = "token=x&client_id=root&client_secret=";

    assertThat(anybody.post(INTROSPECT, client + keyledger.rootKey()).status()).isEqualTo(200);
    assertThat(anybody.post(INTROSPECT, client + "x").status()).isEqualTo(401);
    assertThat(root.post(INTROSPECT, client + keyledger.rootKey()).status()).isEqualTo(400);
  }

  @Test
  void theCallerMayComeWithBasic() {
    String secret = issuer.issued("read:users").secret();
    String form = "token=" + secret + "&token_type_hint=access_token&more=1&more=2";

    assertThat(basic("root", keyledger.rootKey()).post(INTROSPECT, form).status()).isEqualTo(200);
    Answer otherName = basic("key_of_somebody_else", keyledger.rootKey()).post(INTROSPECT, form);
    assertThat(otherName.status()).isEqualTo(401);
    assertThat(otherName.header("WWW-Authenticate")).startsWith("Basic");
    assertThat(otherName.body().path("error").asString()).isEqualTo("invalid_client");
  }

  @Test
  void aCallerWithoutAGoodCredentialIs401() {
    String key = issuer.issued("read:users").secret();

    for (Client caller : new Client[] {anybody, anybody.bearer("x"), anybody.bearer(key)}) {
      Answer answer = caller.post(INTROSPECT, "token=" + key);

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
      assertThat(answer.body().path("error").asString()).isEqualTo("invalid_client");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "token=", "token", "x=1", "token=a&token=a", "token=a&token=b", "token=%zz"})
  void aFormWithoutExactlyOneTokenIsAnInvalidRequest(String form) {
    assertInvalidRequest(root.post(INTROSPECT, form));
    assertInvalidRequest(anybody.post(REVOKE, form));
  }

  @Test
  void aTokenInTheQueryIsRefused() {
    String token = issuer.issued("read:users").secret();

    assertInvalidRequest(root.post(INTROSPECT + "?token=" + token, "token=" + token));
    assertInvalidRequest(anybody.post(REVOKE + "?token=" + token, "token=" + token));
    assertThat(issuer.codeOf(token)).isEqualTo("VALID");
  }

  @Test
  void otherMediaTypesAndLongerFormsAreRefused() {
    String start = "token=x&pad=";
    String longest = start + "p".repeat(FORM_BYTES_MAX - start.length());

    assertProblem(
        keyledger.client().post(REVOKE, "{\"token\": \"x\"}"), 415, "unsupported-media-type");
    assertThat(anybody.post(REVOKE, longest).status()).isEqualTo(200);
    assertProblem(anybody.post(REVOKE, longest + "p"), 413, "too-large");
    assertThat(root.post(INTROSPECT, longest).status()).isEqualTo(200);
    assertProblem(root.post(INTROSPECT, longest + "p"), 413, "too-large");
  }

  @Test
  void theHolderOfASecretMayRevokeTheKey() {
    IssuedKey key = issuer.issued("read:users");

    Answer answer = anybody.post(REVOKE, "token=" + key.secret());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
    JsonNode last = issuer.history(key).get(1);
    assertThat(last.path("type").asString()).isEqualTo("KeyRevoked");
    assertThat(last.at("/actor/type").asString()).isEqualTo("holder");
    assertThat(last.at("/actor/id").asString()).isEqualTo(key.id());
    assertThat(last.at("/data/revocationReason").asString()).isEqualTo("unspecified");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s%%0A", "%s%%0D%%0A", "+%%09%s+%%0D%%0A"})
  void whiteSpaceAroundATokenIsStripped(String form) {
    IssuedKey key = issuer.issued("read:users");
    String token = form.formatted(key.secret());

    assertThat(introspected(token).path("active").asBoolean()).isTrue();
    assertThat(anybody.post(REVOKE, "token=" + token).status()).isEqualTo(200);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
  }

  @Test
  void otherCharactersAroundATokenAreNot() {
    IssuedKey key = issuer.issued("read:users");

    for (String around : new String[] {"%s%%C2%%A0", "%%0B%s", "x+%s"}) {
      String token = around.formatted(key.secret());
      assertThat(introspected(token).path("active").asBoolean()).isFalse();
      assertThat(anybody.post(REVOKE, "token=" + token).status()).isEqualTo(200);
    }
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
  }

  @Test
  void theAnswerIsTheSameForEveryToken() {
    IssuedKey key = issuer.issued("read:users");
    Answer known = anybody.post(REVOKE, "token=" + key.secret());
    Answer again = anybody.post(REVOKE, "token=" + key.secret());
    Answer unknown = anybody.post(REVOKE, "token=never-seen");

    assertThat(issuer.history(key)).hasSize(2);
    for (Answer answer : new Answer[] {again, unknown}) {
      assertThat(answer.status()).isEqualTo(known.status());
      assertThat(answer.text()).isEqualTo(known.text());
      assertThat(answer.headers().map().keySet()).isEqualTo(known.headers().map().keySet());
    }
  }

  @Test
  void aSecretInItsOverlapIsRetiredAndTheKeyLivesOn() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"PT1H\"}");

    assertThat(anybody.post(REVOKE, "token=" + first.secret()).status()).isEqualTo(200);

    assertThat(issuer.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");
    assertThat(anybody.post(REVOKE, "token=" + first.secret()).status()).isEqualTo(200);
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");
  }

  private JsonNode introspected(String token) {
    Answer answer = root.post(INTROSPECT, "token=" + token);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  private Client basic(String name, String secret) {
    byte[] pair = (name + ":" + secret).getBytes(StandardCharsets.US_ASCII);
    return anybody.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
  }

  private static void assertInvalidRequest(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.body().path("error").asString()).isEqualTo("invalid_request");
  }
}
