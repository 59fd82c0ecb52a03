package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node whose PostgreSQL role owns nothing: it works with the documented rights. */
@Timeout(240)
class DatabaseRolesIT {
  private static final Path OPERATIONS = Path.of("../docs/operations.md");
  private static final Path ROLES = Path.of("../deploy/roles.sh");
  private static final Pattern DOCUMENTED =
      Pattern.compile(
          "^\\| `((?:log|read|schedule|delivery)(?:\\.\\w+){1,2})` \\| ([A-Z, ]+) \\|$",
          Pattern.MULTILINE);
  private static final Duration SHOWN_MAX = Duration.ofSeconds(30);

  private static final String RIGHTS =
      """
      SELECT n.nspname || '.' || c.relname, a.privilege_type
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN aclexplode(c.relacl) a
      WHERE a.grantee IN (0, 'keyledger'::regrole) AND n.nspname IN ('log', 'read', 'schedule', 'delivery')
      UNION ALL
      SELECT 'schema ' || n.nspname, a.privilege_type
      FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a
      WHERE a.grantee IN (0, 'keyledger'::regrole) AND n.nspname IN ('log', 'read', 'schedule', 'delivery')
      UNION ALL
      SELECT n.nspname || '.' || c.relname || '.' || b.attname, a.privilege_type
      FROM pg_attribute b JOIN pg_class c ON c.oid = b.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN aclexplode(b.attacl) a
      WHERE a.grantee IN (0, 'keyledger'::regrole) AND n.nspname IN ('log', 'read', 'schedule', 'delivery')
      """;

  private static final String OWNED =
      """
      SELECT count(*) FROM pg_shdepend WHERE refobjid = 'keyledger'::regrole AND deptype = 'o'
      """;

  private static EmbeddedPostgres postgres;
  private static KeyledgerProcess keyledger;

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.builder().start();
    try (Connection superuser = connect("postgres", "postgres", "")) {
      superuser.createStatement().execute("CREATE DATABASE keyledger");
    }
    try (Connection superuser = connect("keyledger", "postgres", "")) {
      superuser.createStatement().execute(rolesOfCompose());
    }
    keyledger = KeyledgerProcess.start(Application.STANDALONE, environment(true));
  }

  @AfterAll
  static void end() throws Exception {
    if (keyledger != null) {
      keyledger.close();
    }
    postgres.close();
  }

  /** Returns the statements that the compose file runs, with passwords. */
  private static String rolesOfCompose() throws Exception {
    String script = Files.readString(ROLES);
    return script
        .substring(script.indexOf("<<'SQL'") + 7, script.lastIndexOf("SQL"))
        .replace(":'migrations'", "'password-of-owner'")
        .replace(":'nodes'", "'password-of-nodes'");
  }

  private static Map<String, String> environment(boolean migrates) {
    var environment = new LinkedHashMap<String, String>();
    environment.put("KEYLEDGER_DATABASE_URL", url("keyledger"));
    environment.put("KEYLEDGER_DATABASE_USERNAME", "keyledger");
    environment.put("KEYLEDGER_DATABASE_PASSWORD", "password-of-nodes");
    environment.put("KEYLEDGER_ROOT_KEY", "root-key-of-those-who-share-a-database");
    environment.put("KEYLEDGER_PEPPERS", "1:" + Base64.getEncoder().encodeToString(new byte[32]));
    if (migrates) {
      environment.put("KEYLEDGER_MIGRATION_USERNAME", "keyledger_owner");
      environment.put("KEYLEDGER_MIGRATION_PASSWORD", "password-of-owner");
    }
    return environment;
  }

  @Test
  void theRightsAreThoseInTheDocument() throws Exception {
    assertThat(rights()).isEqualTo(documented());
    try (Connection superuser = connect("keyledger", "postgres", "");
        var owned = superuser.createStatement().executeQuery(OWNED)) {
      owned.next();
      assertThat(owned.getInt(1)).as("things that the nodes' role owns").isZero();
    }
  }

  @Test
  void everythingWorksWithTheseRights() throws Exception {
    Issuer issuer = keyledger.issuer();
    Client root = keyledger.root();
    IssuedKey brief =
        issuer.issuedFrom(
            """
            {"name": "Brief", "owner": {"type": "app", "id": "brief"}, "permissions": [],
             "lifetime": "PT1S"}
            """);
    IssuedKey key = issuer.issued("read:users");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    for (int i = 0; i < 2; i++) { // the second time, the stored response
      var renewed =
          root.header("Idempotency-Key", "renewal of the roles' test").post(key.path() + "/renew");
      assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
    }
    assertThat(root.post(key.path() + "/suspend?wait=applied").status()).isEqualTo(200);
    assertThat(root.post("/v1/workspaces", "{\"workspace\": \"roles\"}").status()).isEqualTo(201);
    assertThat(root.post("/v1/owners/app/billing/revoke-keys").body().path("revoked")).isNotEmpty();
    assertThat(root.post(key.path() + "/revoke?cascade=true").status()).isEqualTo(200);
    await()
        .atMost(SHOWN_MAX)
        .untilAsserted(() -> {
          assertThat(root.get("/v1/keys?status=revoked").body().path("data")).isNotEmpty();
          assertThat(root.get("/v1/audit?keyId=" + key.id()).body().path("data")).hasSize(4);
          assertThat(issuer.read(key).has("lastUsedAt")).isTrue();
          assertThat(issuer.history(brief).path(1).path("type").asString()).isEqualTo("KeyExpired");
        });
    assertThat(root.get(key.path() + "/history").body().path("data")).hasSize(4);
    var erased = root.post("/v1/erasures", "{\"keyId\": \"%s\"}".formatted(key.id()));
    assertThat(erased.text()).isEqualTo("{\"erased\":4,\"more\":false}");
    var check = keyledger.commandBeside("check");
    assertThat(check.exitCode()).as(check.output()).isZero();
    assertThat(root.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(keyledger.output()).doesNotContain("permission denied", "must be owner");
  }

  @Test
  void aNodeThatMayNotMigrateStartsOnTablesThatAreUpToDate() throws Exception {
    try (var other = KeyledgerProcess.start(Application.STANDALONE, environment(false))) {
      assertThat(other.issuer().issued("read:users").answer().status()).isEqualTo(201);
    }
    assertThat(rights()).isEqualTo(documented());
  }

  @Test
  void aRebuildLeavesTheRightsAsTheyWere() throws Exception {
    keyledger.issuer().issued("read:users");
    var rebuilt = keyledger.commandBeside("rebuild");
    assertThat(rebuilt.exitCode()).as(rebuilt.output()).isZero();
    assertThat(rights()).isEqualTo(documented());
    assertThat(keyledger.root().get("/v1/keys").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM log.event",
        "UPDATE log.event SET payload = ''",
        "UPDATE log.event SET context_hash = ''",
        "TRUNCATE log.event",
        "DROP TABLE log.event",
        "ALTER TABLE log.event DISABLE TRIGGER ALL",
        "DROP TRIGGER kept ON log.event",
        "DELETE FROM log.key_reminder",
        "DELETE FROM schedule.due_list",
        "UPDATE log.key_secret SET generation = 2",
        "DELETE FROM log.log_head",
        "DELETE FROM log.pepper",
        "UPDATE log.schema_history SET success = true",
        "CREATE TABLE log.mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE OR REPLACE FUNCTION log.refuse() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        "DELETE FROM read.audit",
        "SET ROLE keyledger_owner",
        "COPY (SELECT 1) TO PROGRAM 'true'"
      })
  void theNodesRoleMayDoNothingElse(String statement) throws Exception {
    try (Connection nodes = connect("keyledger", "keyledger", "password-of-nodes")) {
      assertThatThrownBy(() -> nodes.createStatement().execute(statement))
          .isInstanceOfSatisfying(
              SQLException.class,
              refused ->
                  assertThat(refused.getSQLState()).as(refused.getMessage()).isEqualTo("42501"));
    }
  }

  private static Map<String, Set<String>> documented() throws Exception {
    var documented = new TreeMap<String, Set<String>>();
    DOCUMENTED
        .matcher(Files.readString(OPERATIONS))
        .results()
        .forEach(
            row -> documented.put(row.group(1), new TreeSet<>(Set.of(row.group(2).split(", ")))));
    assertThat(documented).hasSizeGreaterThan(10);
    documented.put("schema log", Set.of("USAGE"));
    documented.put("schema read", Set.of("USAGE"));
    documented.put("schema schedule", Set.of("USAGE"));
    documented.put("schema delivery", Set.of("USAGE"));
    return documented;
  }

  private static Map<String, Set<String>> rights() throws SQLException {
    var rights = new TreeMap<String, Set<String>>();
    try (Connection superuser = connect("keyledger", "postgres", "");
        var row = superuser.createStatement().executeQuery(RIGHTS)) {
      while (row.next()) {
        rights.computeIfAbsent(row.getString(1), _ -> new TreeSet<>()).add(row.getString(2));
      }
    }
    return rights;
  }

  private static Connection connect(String database, String role, String password)
      throws SQLException {
    return DriverManager.getConnection(url(database), role, password);
  }

  private static String url(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(postgres.getPort(), database);
  }
}
