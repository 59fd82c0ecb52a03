package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The failed start of a node: one line with the reason, which shows no value. */
@ExtendWith(OutputCaptureExtension.class)
class FailedStartTest {
  private static final TestLedger LEDGER = new TestLedger();

  @ParameterizedTest
  @CsvSource({
    "KEYLEDGER_BIND, secret-7 is no address, KEYLEDGER_BIND must be an IP address",
    "keyledger.peppers, 1:secret-7, KEYLEDGER_PEPPERS: ",
    "keyledger.root-key, secret-7, KEYLEDGER_ROOT_KEY: ",
    "keyledger.verification.max-staleness, 5s, KEYLEDGER_VERIFICATION_MAX_STALENESS must",
    "keyledger.mail.allowed-domains, *.secret-7.example, KEYLEDGER_MAIL_ALLOWED_DOMAINS: must be names of domains",
    "spring.mail.properties.mail.from, secret-7, SPRING_MAIL_PROPERTIES_MAIL_FROM has a value",
    "keyledger.github.keys-url, http://192.0.2.1/secret-7, KEYLEDGER_GITHUB_KEYS_URL: must be an https URL",
  })
  void anInvalidSettingIsOneLineWithItsVariableAndWithoutItsValue(
      String property, String value, String expected, CapturedOutput output) {
    Map<String, Object> settings = Map.of(property, value, "spring.mail.host", "127.0.0.1");
    assertThatThrownBy(() -> new CommandNode(LEDGER, CommandNode.PEPPER_1, settings))
        .isInstanceOf(RuntimeException.class);

    assertThat(output.getErr().lines()).singleElement().asString().contains(expected);
    assertThat(output.getAll()).doesNotContain("secret-7", "Exception", "\tat ");
  }
}
