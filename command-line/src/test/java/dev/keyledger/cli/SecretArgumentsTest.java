package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretArgumentsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20",
        "--text=acme1_test_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20",
        "Bearer:kl_live_XxDgwt0oJ6AWVGi1kI0L",
        "klroot_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k79",
        "whsec_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7=",
        "0123456789abcdef0123456789abcdef",
        "--reason=0123456789abcdef0123456789abcdef",
        "XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7/GUe9k7Q=",
      })
  void aSecretIsRefusedAndNotRepeated(String secret) {
    assertThatThrownBy(() -> SecretArguments.refuse("keys", "list", secret))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("Argument 3 looks like a secret")
        .hasMessageContaining("KEYLEDGER_KEY")
        .hasMessageNotContaining("XxDgwt0")
        .hasMessageNotContaining("0123456")
        .message()
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key_01m8561q44ff9avxe7crf9k9z1",
        "kl_live_...Ycm3",
        "user:0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcde",
        "abcdefghijklmnopqrstuvwxyzabcdefghijkl",
        "/home/alice/projects/keyledger2/configuration/secrets",
        "commit=0123456789abcdef0123456789abcdef01234567",
        "keyledger:grant:read:users",
        "--secret-sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "--secret-sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "--after AAAAAAAAABd5hT0cN1sX8mJqk2Wv4RzB",
        "--idempotency-key 0123456789abcdef0123456789abcdef",
      })
  void otherArgumentsAreAccepted(String arguments) {
    assertThatCode(() -> SecretArguments.refuse(("keys list " + arguments).split(" ")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--after", "--secret-sha256", "--idempotency-key"})
  void aSecretIsNoneOfTheLongValuesEither(String option) {
    assertThatThrownBy(() ->
            SecretArguments.refuse(
                "feed", option, "kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20"))
        .isInstanceOf(RefusedException.class);
  }
}
