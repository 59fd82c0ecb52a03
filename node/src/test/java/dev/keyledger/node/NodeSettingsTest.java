package dev.keyledger.node;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The environment variables of a node, and the messages about invalid ones. */
class NodeSettingsTest {
  private static final String URL = "jdbc:postgresql://db/keyledger";
  private static final String ROOT_KEY = "the-root-key-of-this-test-0123456789";
  private static final String PEPPER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  @Test
  void everyVariableOfANodeIsRead() {
    NodeProperties node =
        bind(
            NodeProperties.class,
            "KEYLEDGER_BRAND",
            "acme",
            "KEYLEDGER_DATA_DIR",
            "/var/lib/keyledger",
            "KEYLEDGER_NODE_NAME",
            "query-1",
            "KEYLEDGER_VERIFICATION_MAX_STALENESS",
            "PT30S");

    assertThat(node.brand()).isEqualTo("acme");
    assertThat(node.dataDir()).isEqualTo("/var/lib/keyledger");
    assertThat(node.name(8080).value()).isEqualTo("query-1");
    assertThat(node.maxStaleness()).isEqualTo(new MaxStaleness(Duration.ofSeconds(30)));
  }

  @Test
  void anUnsetVariableHasItsDefault() {
    NodeProperties node =
        bind(
            NodeProperties.class,
            "KEYLEDGER_NODE_NAME",
            " ",
            "KEYLEDGER_VERIFICATION_MAX_STALENESS",
            "");

    assertThat(node.brand()).isEqualTo("kl");
    assertThat(node.dataDir()).isEqualTo("data");
    assertThat(node.name(8080).value()).endsWith(":8080");
    assertThat(node.maxStaleness()).isEqualTo(new MaxStaleness(Duration.ofMinutes(1)));
  }

  @Test
  void theDatabaseAndItsReplicaHaveTheSameCredentials() {
    DatabaseProperties database =
        bind(
            DatabaseProperties.class,
            "KEYLEDGER_DATABASE_URL",
            URL,
            "KEYLEDGER_DATABASE_USERNAME",
            "keyledger",
            "KEYLEDGER_DATABASE_PASSWORD",
            "secret-7",
            "KEYLEDGER_LOG_REPLICA_URL",
            "jdbc:postgresql://replica/keyledger");

    assertThat(database.primary()).isEqualTo(new DatabaseSettings(URL, "keyledger", "secret-7"));
    assertThat(database.replica())
        .isEqualTo(
            new DatabaseSettings("jdbc:postgresql://replica/keyledger", "keyledger", "secret-7"));
    assertThat(database + " " + database.database()).doesNotContain("secret-7");
  }

  @Test
  void migrationsMayHaveARoleOfTheirOwn() {
    DatabaseProperties database =
        bind(
            DatabaseProperties.class,
            "KEYLEDGER_DATABASE_URL",
            "postgres://keyledger:secret-7@db/keyledger",
            "KEYLEDGER_MIGRATION_USERNAME",
            "owner",
            "KEYLEDGER_MIGRATION_PASSWORD",
            "secret-8");

    DatabaseSettings primary = database.primary();
    assertThat(primary.username()).isEqualTo("keyledger");
    assertThat(primary.asOwner())
        .isEqualTo(new DatabaseSettings("jdbc:postgresql://db/keyledger", "owner", "secret-8"));
    assertThat(database + " " + primary + database.migration() + primary.owner())
        .doesNotContain("secret-7", "secret-8");
  }

  @Test
  void withoutARoleOfTheirOwnMigrationsHaveThatOfTheDatabase() {
    String url = "postgres://keyledger:secret-7@db/keyledger";
    for (String role : new String[] {"", "keyledger"}) {
      DatabaseSettings primary =
          bind(
                  DatabaseProperties.class,
                  "KEYLEDGER_DATABASE_URL",
                  url,
                  "KEYLEDGER_MIGRATION_USERNAME",
                  role)
              .primary();
      assertThat(primary.owner()).isNull();
      assertThat(primary.asOwner()).isEqualTo(primary);
    }
    assertThatThrownBy(() ->
            bind(
                DatabaseProperties.class,
                "KEYLEDGER_DATABASE_URL",
                url,
                "KEYLEDGER_MIGRATION_PASSWORD",
                "secret-8"))
        .rootCause()
        .hasMessageContaining("KEYLEDGER_MIGRATION_USERNAME")
        .hasMessageNotContaining("secret-8");
  }

  @Test
  void aBlankReplicaIsNone() {
    DatabaseProperties database =
        bind(
            DatabaseProperties.class,
            "KEYLEDGER_DATABASE_URL",
            "postgres://keyledger:secret-7@db/keyledger",
            "KEYLEDGER_LOG_REPLICA_URL",
            " ");

    assertThat(database.replica()).isNull();
    assertThat(database + " " + database.database()).doesNotContain("secret-7");
  }

  @Test
  void secretsAreReadAndNotShown(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("peppers"), "2:" + PEPPER + "\n");
    SecretProperties own =
        bind(
            SecretProperties.class,
            "KEYLEDGER_ROOT_KEY",
            ROOT_KEY,
            "KEYLEDGER_PEPPERS",
            "1:" + PEPPER);
    SecretProperties ofFile =
        bind(
            SecretProperties.class,
            "KEYLEDGER_ROOT_KEY",
            ROOT_KEY,
            "KEYLEDGER_PEPPERS",
            "1:" + PEPPER,
            "KEYLEDGER_PEPPERS_FILE",
            file.toString());

    assertThat(own.parsedPeppers().versions()).containsExactly(1);
    assertThat(ofFile.parsedPeppers().versions()).containsExactly(2);
    assertThat(own.toString()).doesNotContain(ROOT_KEY, PEPPER);
  }

  @ParameterizedTest
  @CsvSource({
    "KEYLEDGER_BRAND, Acme",
    "KEYLEDGER_NODE_NAME, -x",
    "KEYLEDGER_VERIFICATION_MAX_STALENESS, PT1S",
    "KEYLEDGER_VERIFICATION_MAX_STALENESS, 5s",
    "KEYLEDGER_VERIFICATION_MAX_STALENESS, nothing",
  })
  void anInvalidSettingIsNamed(String variable, String value) {
    assertThat(refusal(NodeProperties.class, variable, value)).startsWith(variable);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "mysql://u:secret-7@db/x", "postgres://u:secret-7@db"})
  void anInvalidDatabaseIsNamedWithoutItsPassword(String url) {
    assertThat(refusal(DatabaseProperties.class, "KEYLEDGER_DATABASE_URL", url))
        .startsWith("KEYLEDGER_DATABASE_URL")
        .doesNotContain("secret-7");
  }

  @Test
  void anInvalidReplicaIsNamed() {
    assertThat(
            refusal(
                DatabaseProperties.class,
                "KEYLEDGER_DATABASE_URL",
                "postgres://keyledger@db/keyledger",
                "KEYLEDGER_LOG_REPLICA_URL",
                "nowhere"))
        .startsWith("KEYLEDGER_LOG_REPLICA_URL");
  }

  @Test
  void anInvalidSecretIsNamedAndNotShown() {
    assertThat(refusal(SecretProperties.class)).startsWith("KEYLEDGER_ROOT_KEY");
    assertThat(refusal(SecretProperties.class, "KEYLEDGER_ROOT_KEY", "short-root-key"))
        .startsWith("KEYLEDGER_ROOT_KEY")
        .doesNotContain("short-root-key");
    assertThat(refusal(SecretProperties.class, "KEYLEDGER_ROOT_KEY", ROOT_KEY))
        .startsWith("KEYLEDGER_PEPPERS");
    assertThat(
            refusal(
                SecretProperties.class,
                "KEYLEDGER_ROOT_KEY",
                ROOT_KEY,
                "KEYLEDGER_PEPPERS",
                "1:short-pepper"))
        .startsWith("KEYLEDGER_PEPPERS")
        .doesNotContain("short-pepper");
    assertThat(
            refusal(
                SecretProperties.class,
                "KEYLEDGER_ROOT_KEY",
                ROOT_KEY,
                "KEYLEDGER_PEPPERS_FILE",
                "/nowhere"))
        .startsWith("KEYLEDGER_PEPPERS_FILE")
        .contains("/nowhere");
  }

  @Test
  void aRefusalIsFoundBelowWhatFrameworksWrapItIn() {
    var refused = new StartupRefusedException("no");

    assertThat(analyze(new IllegalStateException(new RuntimeException(refused)))).isEqualTo("no");
    assertThat(analyze(new IllegalStateException("broken"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "SERVER_PORT, server.port, java.lang.Integer, SERVER_PORT must be a whole number",
    "SERVER_ADDRESS, server.address, java.net.InetAddress, KEYLEDGER_BIND must be an IP address",
    "SERVER_SSL_ENABLED, server.ssl.enabled, java.lang.Boolean, must be true or false",
    "SERVER_SHUTDOWN, server.shutdown, java.lang.Thread$State, 'must be one of new, runnable, '",
  })
  void aSettingOfSpringIsNamedWithoutItsValue(
      String variable, String property, Class<?> type, String expected) {
    assertThatThrownBy(() -> binder(variable, "secret 7").bind(property, type))
        .satisfies(
            failure -> assertThat(analyze(failure)).contains(expected).doesNotContain("secret 7"));
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThat(analyze(new IllegalStateException(new java.net.BindException("in use"))))
        .startsWith("SERVER_PORT or KEYLEDGER_BIND")
        .contains("in use");
  }

  @Test
  void aFailureIsReportedInOneLineWithTheRemedy() {
    var failure = new RuntimeException();

    assertThat(OneLineReporter.line(new FailureAnalysis("It is\n\n  wrong", "Do that.", failure)))
        .isEqualTo("It is wrong. Do that.");
    assertThat(OneLineReporter.line(new FailureAnalysis("It is wrong.\n", "Do\nthat.", failure)))
        .isEqualTo("It is wrong. Do that.");
    assertThat(OneLineReporter.line(new FailureAnalysis("No.", null, failure))).isEqualTo("No.");
  }

  private static <T> T bind(Class<T> type, String... variables) {
    return binder(variables).bindOrCreate("keyledger", type);
  }

  private static Binder binder(String... variables) {
    Map<String, Object> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return new Binder(
        requireNonNull(
            ConfigurationPropertySource.from(
                new SystemEnvironmentPropertySource("systemEnvironment", environment))));
  }

  private static String refusal(Class<?> type, String... variables) {
    Throwable failure = catchThrowable(() -> bind(type, variables));
    return requireNonNull(analyze(new IllegalStateException(failure)), "no analysis");
  }

  private static @Nullable String analyze(Throwable failure) {
    FailureAnalysis analysis = new FailedStartAnalyzer().analyze(failure);
    return analysis == null ? null : analysis.getDescription();
  }
}
