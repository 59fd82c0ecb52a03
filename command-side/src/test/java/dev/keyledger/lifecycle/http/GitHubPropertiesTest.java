package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The URLs from which GitHub's keys may be fetched. */
class GitHubPropertiesTest {
  @Test
  void theyComeFromGitHubUnlessConfiguredOtherwise() {
    assertThat(new GitHubProperties(" ", false).keysUri().toString())
        .isEqualTo("https://api.github.com/meta/public_keys/secret_scanning");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://github.example/api/v3/meta/public_keys/secret_scanning",
        "http://127.0.0.1:9000/keys",
        "http://[::1]:9000/keys",
        "http://LOCALHOST/keys",
      })
  void httpsIsAcceptedAndHttpOfThisMachine(String url) {
    assertThat(new GitHubProperties(url, false).keysUri()).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://api.github.com/meta/public_keys/secret_scanning",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.example/keys",
        "http://localhost@example.com/keys",
        "http://0.0.0.0/keys",
        "https://user:secret-7@github.example/keys",
        "https:///keys",
        "file:///etc/passwd",
        "api.github.com",
        "https://a b/",
      })
  void everythingElseIsRefusedByTheNameOfTheVariable(String url) {
    assertThatThrownBy(() -> new GitHubProperties(url, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("KEYLEDGER_GITHUB_KEYS_URL: ")
        .hasMessageNotContaining("secret-7");
  }
}
