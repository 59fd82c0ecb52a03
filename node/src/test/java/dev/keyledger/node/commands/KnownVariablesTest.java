package dev.keyledger.node.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.launch.StartupRefusedException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The refusal of variables that nothing reads, with a suggestion of the intended name. */
class KnownVariablesTest {
  private static final KnownVariables KNOWN = KnownVariables.ofClassPath();

  @ParameterizedTest
  @CsvSource({
    "KEYLEDGER_GATEWAY_TOKN, KEYLEDGER_GATEWAY_TOKEN",
    "KEYLEDGER_ROOTKEY, KEYLEDGER_ROOT_KEY",
    "KEYLEDGER_DATADIR, KEYLEDGER_DATA_DIR",
    "KEYLEDGER_TRUSTED_PROXIES_0, KEYLEDGER_TRUSTED_PROXIES",
    "KEYLEDGER_FLOODS_FAILURES_PER_SECOND, KEYLEDGER_LIMITS_FAILURES_PER_SOURCE",
    "KEYLEDGER_FLOODS_FAILURES_BURST, KEYLEDGER_LIMITS_FAILURES_PER_SOURCE",
    "KEYLEDGER_FLOODS_SECRETS_PER_SECOND, KEYLEDGER_LIMITS_SECRETS_PER_SOURCE",
    "KEYLEDGER_, KEYLEDGER_BIND",
    "KEYLEDGER_FSAT_PORT, KEYLEDGER_FAST_PORT",
  })
  void anUnknownVariableIsRefusedWithTheNearestKnownOne(String unknown, String nearest) {
    assertThatThrownBy(() -> KNOWN.requireKnown(Map.of(unknown, "secret-7")))
        .isExactlyInstanceOf(StartupRefusedException.class)
        .hasMessageStartingWith(unknown + " is not a variable of Keyledger.")
        .hasMessageContaining("nearest one is " + nearest + ":")
        .hasMessageNotContaining("secret-7")
        .message()
        .hasLineCount(1);
  }

  @Test
  void eachUnknownVariableHasALine() {
    assertThatThrownBy(() ->
            KNOWN.requireKnown(
                Map.of("KEYLEDGER_PEPPER", "x", "KEYLEDGER_BRNAD", "y", "KEYLEDGER_BRAND", "z")))
        .message()
        .hasLineCount(2)
        .startsWith("KEYLEDGER_BRNAD ")
        .contains("KEYLEDGER_PEPPER ");
  }

  @Test
  void knownVariablesAreAccepted() {
    assertThat(KNOWN.descriptions())
        .containsKeys(
            "KEYLEDGER_BIND",
            "KEYLEDGER_DATABASE_URL",
            "KEYLEDGER_FAST_PORT", // of the other side
            "KEYLEDGER_VERIFICATION_MAX_STALENESS");
    for (String variable : KNOWN.descriptions().keySet()) {
      assertThatCode(() -> KNOWN.requireKnown(Map.of(variable, ""))).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PATH, /bin",
    "KEYLEDGERS, x",
    "keyledger_x, x",
    "KEYLEDGER_URL, http://127.0.0.1:8080",
    "KEYLEDGER_KEY, kl_live_x",
    "KEYLEDGER_WORKSPACE, team",
    "KEYLEDGER_PROFILE, local",
    "KEYLEDGER_CONFIG, /etc/keyledger/config",
    "KEYLEDGER_SERVICE_HOST, 10.0.0.7",
    "KEYLEDGER_SERVICE_PORT, 8080",
    "KEYLEDGER_SERVICE_PORT_HTTP, 8080",
    "KEYLEDGER_PORT, tcp://10.0.0.7:8080",
    "KEYLEDGER_PORT_8080_TCP, tcp://10.0.0.7:8080",
    "KEYLEDGER_PORT_8080_TCP_ADDR, 10.0.0.7",
    "KEYLEDGER_QUERY_SERVICE_HOST, 10.0.0.8",
    "KEYLEDGER_QUERY_SERVICE_PORT_FAST, 8090",
    "KEYLEDGER_QUERY_PORT, tcp://10.0.0.8:8081",
    "KEYLEDGER_QUERY_PORT_8090_TCP_PROTO, tcp",
  })
  void foreignVariablesAndThoseOfKubernetesAreIgnored(String variable, String value) {
    assertThatCode(() -> KNOWN.requireKnown(Map.of(variable, value))).doesNotThrowAnyException();
  }

  @Test
  void aPortThatKubernetesDidNotSetIsRefused() {
    assertThatThrownBy(() -> KNOWN.requireKnown(Map.of("KEYLEDGER_QUERY_PORT", "8081")))
        .hasMessageContaining("KEYLEDGER_QUERY_PORT");
  }
}
