package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSettingsTest {
  @Test
  void aPlatformUrlIsParsed() {
    assertThat(
            DatabaseSettings.parse(
                "postgres://kl%40x:s3cr%2Fet+@db.example:6543/ledger?sslmode=require", null, null))
        .isEqualTo(
            new DatabaseSettings(
                "jdbc:postgresql://db.example:6543/ledger?sslmode=require", "kl@x", "s3cr/et+"));
    assertThat(DatabaseSettings.parse("postgresql://db/ledger", "kl", "pw"))
        .isEqualTo(new DatabaseSettings("jdbc:postgresql://db/ledger", "kl", "pw"));
    assertThat(DatabaseSettings.parse("postgresql://a:b@db/ledger", "kl", "pw"))
        .isEqualTo(new DatabaseSettings("jdbc:postgresql://db/ledger", "kl", "pw"));
  }

  @Test
  void aJdbcUrlIsTakenUnchanged() {
    assertThat(DatabaseSettings.parse("jdbc:postgresql://db/ledger?a=b", "kl", null))
        .isEqualTo(new DatabaseSettings("jdbc:postgresql://db/ledger?a=b", "kl", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mysql://kl:hunter2@db/ledger",
        "jdbc:mysql://db/ledger?password=hunter2",
        "jdbc:postgresql://db/ledger?user=kl&password=hunter2",
        "jdbc:postgresql://kl:hunter2@db/ledger",
        "postgres://kl:hunter2@db",
        "postgres://kl:hunter2@db/",
        "postgres://kl:hunter2@",
        "postgres://kl:hun ter2@db/ledger",
        "postgres://kl:hunter2%zz@db/ledger",
        "postgres://kl:hunter2^@db/ledger",
        "postgres://kl:hunter2@db/ledger?password=hunter2"
      })
  void anyOtherUrlIsRejectedWithoutShowingThePassword(String url) {
    assertThatThrownBy(() -> DatabaseSettings.parse(url, null, "hunter2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .message()
        .doesNotContain("hunter2", "hun ter2");
  }

  @Test
  void aUserIsRequired() {
    assertThatThrownBy(() -> DatabaseSettings.parse("postgres://db/ledger", null, null))
        .hasMessageContaining("user name");
  }

  @Test
  void thePasswordIsNotShown() {
    assertThat(new DatabaseSettings("jdbc:postgresql://db/ledger", "kl", "hunter2"))
        .hasToString("jdbc:postgresql://db/ledger as kl");
  }
}
