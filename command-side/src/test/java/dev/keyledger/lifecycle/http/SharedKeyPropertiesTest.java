package dev.keyledger.lifecycle.http;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.conditions.Permission;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class SharedKeyPropertiesTest {
  private static final String KEY = "a-key-that-has-gone-round-for-years";

  @Test
  void theKeyAndItsPermissionsAreRead() {
    SharedKeyProperties properties = bind(KEY, " read:users, ,write:users,");

    assertThat(properties.sharedKey()).isEqualTo(KEY);
    assertThat(properties.permissions())
        .containsExactly(new Permission("read:users"), new Permission("write:users"));
    assertThat(properties.toString()).doesNotContain(KEY);
  }

  @Test
  void theKeyMayHaveNoPermissions() {
    assertThat(bind(KEY, "").permissions()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a-key-of-31-characters-0123456-", "a key with spaces in it, which is long"})
  void anInvalidKeyIsRefusedAndNotShown(String key) {
    assertThatThrownBy(() -> bind(key, ""))
        .rootCause()
        .hasMessage(
            "KEYLEDGER_SHARED_KEY must have at least 32 visible ASCII characters, and at most 4096");
  }

  @ParameterizedTest
  @ValueSource(strings = {"read users", "read*", "keyledger:verfy"})
  void anInvalidPermissionIsRefused(String permission) {
    assertThatThrownBy(() -> bind(KEY, permission))
        .rootCause()
        .hasMessageStartingWith("KEYLEDGER_SHARED_KEY_PERMISSIONS: must ");
  }

  @Test
  void theKeyMayBeAsLongAsAPresentedOneAndNoLonger() {
    assertThat(bind("k".repeat(4096), "").sharedKey()).hasSize(4096);
    assertThatThrownBy(() -> bind("k".repeat(4097), ""))
        .rootCause()
        .hasMessageContaining("at most 4096");
  }

  @Test
  void theOverlapIsADurationUpToAYear() {
    assertThat(bind(KEY, "").overlap()).isZero();
    assertThat(bind(KEY, "", "PT1.5S").overlap()).isEqualTo(Duration.ofMillis(1500));
    assertThat(bind(KEY, "", "P366D").overlap()).isEqualTo(Duration.ofDays(366));
    for (String other : List.of("P366DT1S", "PT0.5H", "1h", "-PT1H")) {
      assertThatThrownBy(() -> bind(KEY, "", other))
          .rootCause()
          .hasMessageStartingWith("KEYLEDGER_SHARED_KEY_OVERLAP: must be");
    }
  }

  private static SharedKeyProperties bind(String key, String permissions) {
    return bind(key, permissions, "PT0S");
  }

  private static SharedKeyProperties bind(String key, String permissions, String overlap) {
    return new Binder(
            requireNonNull(
                ConfigurationPropertySource.from(
                    new SystemEnvironmentPropertySource(
                        "systemEnvironment",
                        Map.of(
                            "KEYLEDGER_SHARED_KEY", key,
                            "KEYLEDGER_SHARED_KEY_PERMISSIONS", permissions,
                            "KEYLEDGER_SHARED_KEY_OVERLAP", overlap)))))
        .bindOrCreate("keyledger", SharedKeyProperties.class);
  }
}
