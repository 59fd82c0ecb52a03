package dev.keyledger.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.verification.secret.Peppers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The retention of deliveries and values, on a real PostgreSQL. */
class DeliveryTablesTest {
  private static final String PEPPER_1 = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final String PEPPER_2 = "2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

  private static EmbeddedPostgres postgres;
  private static LedgerDatabase ledger;
  private static DeliveryDatabase database;

  @BeforeAll
  static void start() throws IOException {
    postgres = EmbeddedPostgres.builder().start();
    ledger =
        LedgerDatabase.open(
            new DatabaseSettings(
                "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres",
                "postgres",
                "x"));
    database = new DeliveryDatabase(ledger);
  }

  @AfterAll
  static void end() throws IOException {
    ledger.close();
    postgres.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    execute("TRUNCATE delivery.delivery, delivery.webhook, delivery.sealed_value");
    execute("UPDATE delivery.reader SET position = 0");
  }

  @Test
  void valuesAreSealedAgainUnderTheCurrentPepperSoThatTheOldOneCanGo() throws SQLException {
    values(PEPPER_1).keep("val_1", "whk_1", "https://example.com/".getBytes(UTF_8));
    assertThat(text(values(PEPPER_1))).isEqualTo("https://example.com/");
    assertThat(values(PEPPER_2).find(List.of("val_1"))).as("without its pepper").isEmpty();

    SealedValues both = values(PEPPER_2 + "," + PEPPER_1);
    assertThat(database.<Integer>inTransaction(connection -> both.sealAgain(connection, 10)))
        .isEqualTo(1);
    assertThat(database.<Integer>inTransaction(connection -> both.sealAgain(connection, 10)))
        .isZero();
    assertThat(text(values(PEPPER_2))).isEqualTo("https://example.com/");
  }

  @Test
  void aChangedValueIsNotOpened() throws SQLException {
    values(PEPPER_1).keep("val_1", "whk_1", "x".getBytes(UTF_8));
    values(PEPPER_1).keep("val_2", "whk_2", "y".getBytes(UTF_8));
    execute(
        "UPDATE delivery.sealed_value SET sealed ="
            + " (SELECT sealed FROM delivery.sealed_value WHERE value_id = 'val_2')"
            + " WHERE value_id = 'val_1'");

    assertThat(values(PEPPER_1).find(List.of("val_1", "val_2"))).containsOnlyKeys("val_2");
  }

  @Test
  void deliveriesAreDeletedAfterTwoWeeksAndThoseBehindAPendingOneGoOn() throws SQLException {
    webhook("whk_1", false);
    delivery("dlv_1", "delivered", "NULL", "15 days");
    delivery("dlv_2", "pending", "now()", "15 days");
    delivery("dlv_3", "pending", "NULL", "13 days");
    delivery("dlv_4", "dead", "NULL", "13 days");
    round();

    assertThat(column("SELECT delivery_id FROM delivery.delivery ORDER BY 1"))
        .containsExactly("dlv_3", "dlv_4");
    assertThat(column("SELECT delivery_id FROM delivery.delivery WHERE due_at <= now()"))
        .containsExactly("dlv_3");
    assertThat(column("SELECT webhook_id FROM delivery.webhook WHERE due_at <= now()"))
        .containsExactly("whk_1");
  }

  @Test
  void aDeletedWebhookGoesWithItsDeliveriesAndItsValues() throws SQLException {
    webhook("whk_1", true);
    delivery("dlv_1", "pending", "now()", "1 second");
    values(PEPPER_1).keep("val_1", "whk_1", "x".getBytes(UTF_8));
    execute("UPDATE delivery.sealed_value SET created_at = now() - interval '3 days'");
    round();

    for (String table : List.of("delivery", "webhook", "sealed_value")) {
      assertThat(column("SELECT 'left' FROM delivery." + table)).as(table).isEmpty();
    }
  }

  @Test
  void aValueIsKeptWhileItIsNamedOrMayYetBe() throws SQLException {
    webhook("whk_1", false);
    for (String id : List.of("val_target", "val_secret", "val_orphan", "val_young")) {
      values(PEPPER_1).keep(id, "whk_1", "x".getBytes(UTF_8));
    }
    execute(
        "UPDATE delivery.sealed_value SET created_at = now() - interval '3 days'"
            + " WHERE value_id <> 'val_young'");
    round();

    assertThat(column("SELECT value_id FROM delivery.sealed_value ORDER BY 1"))
        .containsExactly("val_secret", "val_target", "val_young");
  }

  private static SealedValues values(String peppers) {
    return new SealedValues(database, Peppers.parse(peppers));
  }

  private static String text(SealedValues values) {
    Map<String, byte[]> found = values.find(List.of("val_1"));
    return new String(found.getOrDefault("val_1", new byte[0]), UTF_8);
  }

  private static void round() throws SQLException {
    assertThat(database.<Boolean>inTransaction(new Cleanup(values(PEPPER_1))::round)).isFalse();
  }

  private static void webhook(String id, boolean deleted) throws SQLException {
    execute(
        "INSERT INTO delivery.webhook (webhook_id, workspace, kind, target, secret, deleted)"
            + " VALUES ('%s', 'w', 'http', 'val_target', 'val_secret', %s)".formatted(id, deleted));
  }

  private static void delivery(String id, String status, String dueAt, String age)
      throws SQLException {
    execute(
        """
        INSERT INTO delivery.delivery (delivery_id, webhook_id, subject, type, position, status,
          in_order, due_at, created_at)
        VALUES ('%s', 'whk_1', 'key_1', 'KeyIssued', 1, '%s', true, %s, now() - interval '%s')
        """
            .formatted(id, status, dueAt, age));
  }

  private static void execute(String sql) throws SQLException {
    var _ = database.<Integer>inTransaction(connection -> DeliveryDatabase.update(connection, sql));
  }

  private static List<String> column(String sql) throws SQLException {
    return database.inTransaction(
        connection -> DeliveryDatabase.query(connection, sql, row -> row.getString(1)));
  }
}
