package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RebuildIT {
  @Test
  void theCommandRebuildsAndTheListsAreTheSame() {
    try (var keyledger = KeyledgerProcess.standalone()) {
      var issuer = new Issuer(keyledger.root());
      for (int i = 0; i < 5; i++) {
        issuer.done(issuer.issued("read:users"), "suspend", "{}");
      }
      String last = issuer.issued("read:users").answer().header("Keyledger-Position");
      var client = keyledger.root().header("Keyledger-At-Least", last);
      String keys = client.get("/v1/keys").text();
      String audit = client.get("/v1/audit").text();
      keyledger.terminate();

      assertThat(keyledger.command("rebuild")).isZero();
      assertThat(keyledger.output())
          .contains("directory: 11 of 11 events", "audit: rebuilt up to position 11");
      assertThat(keyledger.command("rebuild", "nothing")).isEqualTo(1);
      assertThat(keyledger.output()).endsWith("usage: rebuild, rebuild directory, rebuild audit\n");

      keyledger.restart();
      assertThat(client.get("/v1/keys").text()).isEqualTo(keys);
      assertThat(client.get("/v1/audit").text()).isEqualTo(audit);
      assertThat(client.get("/v1/keys?status=suspended").body().path("data")).hasSize(5);
    }
  }
}
