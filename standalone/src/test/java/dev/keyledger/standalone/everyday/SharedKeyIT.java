package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(180)
class SharedKeyIT {
  private static final String SHARED_KEY = "the-one-key-that-all-of-us-have-shared";

  @Test
  void theKeyThatATeamSharesIsAKeyLikeAllOthers() {
    try (var keyledger =
        KeyledgerProcess.start(
            Application.STANDALONE,
            Map.of(
                "KEYLEDGER_SHARED_KEY",
                SHARED_KEY,
                "KEYLEDGER_SHARED_KEY_PERMISSIONS",
                "read:users,read:orders"))) {
      Issuer issuer = keyledger.issuer();
      JsonNode decision = issuer.verified(SHARED_KEY);

      assertThat(decision.path("code").asString()).isEqualTo("VALID");
      assertThat(decision.path("owner").path("type").asString()).isEqualTo("app");
      assertThat(decision.path("owner").path("id").asString()).isEqualTo("shared");
      assertThat(decision.path("permissions").valueStream().map(JsonNode::asString))
          .containsExactly("read:orders", "read:users");
      String path = "/v1/keys/" + decision.path("keyId").asString();

      assertThat(keyledger.root().post(path + "/revoke", "{}").status()).isEqualTo(200);
      keyledger.restart();
      assertThat(issuer.codeOf(SHARED_KEY)).isEqualTo("REVOKED");
      assertThat(issuer.verified(SHARED_KEY).path("keyId")).isEqualTo(decision.path("keyId"));
      assertThat(keyledger.root().get(path + "/history").body().path("data")).hasSize(2);
      assertThat(keyledger.output()).doesNotContain(SHARED_KEY);
    }
  }
}
