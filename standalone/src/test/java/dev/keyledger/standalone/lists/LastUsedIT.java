package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

@Timeout(240)
@ExtendWith(SharedStandalone.class)
class LastUsedIT {
  private static final Duration WRITTEN_MAX = Duration.ofSeconds(60);
  private static final String OWNER = "service:last-used-";

  @ParameterizedTest
  @EnumSource(Port.class)
  void aKeyThatWasGoodShowsTheMinuteAndOneThatWasNotIsFound(Port port, KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer(port);
    IssuedKey used = issued(issuer, port.name());
    IssuedKey atGateway = issued(issuer, port.name());
    IssuedKey refused = issued(issuer, port.name());
    Instant before = Instant.now();
    assertThat(issuer.codeOf(used.secret())).isEqualTo("VALID");
    assertThat(
            keyledger
                .client(port)
                .bearer(atGateway.secret())
                .get("/v1/forward-auth?permission=read:users")
                .status())
        .isEqualTo(200);
    assertThat(
            issuer
                .verifiedWith(
                    "\"key\": \"%s\", \"environment\": \"test\"".formatted(refused.secret()))
                .path("code")
                .asString())
        .isEqualTo("WRONG_ENVIRONMENT");
    assertThat(keyledger.client().bearer(refused.secret()).get("/v1/self").status()).isEqualTo(200);

    Instant shown = awaitUse(issuer, used);
    assertThat(shown)
        .isBetween(before.truncatedTo(ChronoUnit.MINUTES), Instant.now())
        .isEqualTo(shown.truncatedTo(ChronoUnit.MINUTES));
    awaitUse(issuer, atGateway);
    assertThat(issuer.read(refused).has("lastUsedAt")).isFalse();

    Client reader =
        keyledger
            .root()
            .header("Keyledger-At-Least", refused.answer().header("Keyledger-Position"));
    String list = "/v1/keys?owner=" + OWNER + port.name();
    assertThat(listed(reader, list).path(2)).isEqualTo(issuer.read(used));
    assertThat(
            listed(reader, "/v1/keys/expiring?within=P300D&owner=" + OWNER + port.name())
                .valueStream()
                .filter(key -> key.path("keyId").asString().equals(used.id()))
                .map(key -> key.path("lastUsedAt")))
        .containsExactly(issuer.read(used).path("lastUsedAt"));
    Instant nextMinute = awaitUse(issuer, atGateway).plusSeconds(60);
    assertThat(ids(listed(reader, list + "&unusedSince=" + nextMinute)))
        .containsExactly(refused.id(), atGateway.id(), used.id());
    assertThat(ids(listed(reader, list + "&unusedSince=" + nextMinute.minusNanos(1000))))
        .contains(refused.id())
        .doesNotContain(atGateway.id());
    assertThat(issuer.done(used, "suspend", "{}").has("lastUsedAt")).isFalse();
  }

  @Test
  void whoeverPresentsAKeyAsACredentialOrAsksAboutItUsesIt(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey operator = issuer.issued("keyledger:keys:read");
    IssuedKey token = issuer.issued("read:users");
    assertThat(keyledger.client().bearer(operator.secret()).get(operator.path()).status())
        .isEqualTo(200);
    assertThat(
            keyledger
                .root()
                .header("Content-Type", "application/x-www-form-urlencoded")
                .post("/oauth2/introspect", "token=" + token.secret())
                .status())
        .isEqualTo(200);
    awaitUse(issuer, operator);
    awaitUse(issuer, token);
  }

  private static IssuedKey issued(Issuer issuer, String owner) {
    return issuer.issuedFrom(
        """
        {"name": "Used or not", "owner": {"type": "service", "id": "last-used-%s"},
         "permissions": ["read:users"]}
        """
            .formatted(owner));
  }

  private static Instant awaitUse(Issuer issuer, IssuedKey key) {
    return Instant.parse(
        await()
            .atMost(WRITTEN_MAX)
            .until(
                () -> issuer.read(key).path("lastUsedAt").asString(""), time -> !time.isEmpty()));
  }

  private static JsonNode listed(Client reader, String path) {
    Answer answer = reader.get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body().path("data");
  }

  private static List<String> ids(JsonNode keys) {
    return keys.valueStream().map(key -> key.path("keyId").asString()).toList();
  }
}
