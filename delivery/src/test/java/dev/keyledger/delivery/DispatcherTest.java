package dev.keyledger.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.delivery.Attempt.Outcome;
import dev.keyledger.delivery.Attempt.Result;
import dev.keyledger.delivery.Attempt.Transport;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.verification.secret.Peppers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The distribution of deliveries over senders and its limits, on a real PostgreSQL. */
@Timeout(120)
class DispatcherTest {
  private static final String PEPPER = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final Outcome ACCEPTED = new Outcome(Result.ACCEPTED, 204, "", null);
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final AttemptTimes SHORT =
      new AttemptTimes(Duration.ofSeconds(5), Duration.ofMillis(1_500), Duration.ofMillis(700));

  private static EmbeddedPostgres postgres;
  private static LedgerDatabase ledger;
  private static DeliveryDatabase database;
  private static SealedValues values;

  /** The deliveries whose sending has begun, in this order. */
  private final List<String> sent = new CopyOnWriteArrayList<>();

  private final CountDownLatch held = new CountDownLatch(1);
  private final List<Dispatcher> dispatchers = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    postgres = EmbeddedPostgres.builder().start();
    ledger = LedgerDatabase.open(new DatabaseSettings(url(), "postgres", "x"));
    database = new DeliveryDatabase(ledger);
    values = new SealedValues(database, Peppers.parse(PEPPER));
  }

  private static String url() {
    return "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres";
  }

  @AfterAll
  static void end() throws IOException {
    ledger.close();
    postgres.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    execute("TRUNCATE delivery.delivery, delivery.webhook, delivery.sealed_value");
    values.keep("val_target", "whk_any", "https://example.com/".getBytes(UTF_8));
  }

  @AfterEach
  void stop() {
    held.countDown();
    dispatchers.forEach(Dispatcher::close);
  }

  @Test
  void aNodeThatWaitsForARowDelaysNoOtherWebhook() throws SQLException {
    webhook("whk_1", "http");
    webhook("whk_2", "http");
    delivery("dlv_1", "whk_1", "key_1");
    delivery("dlv_2", "whk_2", "key_2");
    try (Connection slow = DriverManager.getConnection(url(), "postgres", "x")) {
      slow.setAutoCommit(false);
      DeliveryDatabase.query(slow, Dispatcher.LOCK, _ -> 0, List.of("whk_1"));
      start(accepting());
      await().atMost(SOON).untilAsserted(() -> assertThat(sent).containsExactly("dlv_2"));
      slow.rollback();
    }
    await().atMost(SOON).untilAsserted(() -> assertThat(sent).containsExactly("dlv_2", "dlv_1"));
  }

  @Test
  void deliveriesClaimedByAStoppedNodeAreSentAgainInOrderAfterTheLease() throws SQLException {
    webhook("whk_1", "http");
    for (String key : List.of("key_1", "key_2")) {
      for (int i = 1; i <= 3; i++) {
        delivery("dlv_" + key + "_" + i, "whk_1", key);
      }
    }
    // It sends the first delivery of each key, and stops before it has recorded that.
    start(holding());
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(sent).containsExactlyInAnyOrder("dlv_key_1_1", "dlv_key_2_1"));
    dispatchers.getFirst().close();
    start(accepting());
    assertThat(number("SELECT count(*) FROM delivery.delivery WHERE lease IS NOT NULL"))
        .isEqualTo(2);
    execute(
        "UPDATE delivery.delivery SET due_at = clock_timestamp() WHERE lease IS NOT NULL;"
            + " UPDATE delivery.webhook SET due_at = clock_timestamp()");

    await()
        .atMost(SOON)
        .until(
            () -> number("SELECT count(*) FROM delivery.delivery WHERE status = 'delivered'") == 6);
    for (String key : List.of("key_1", "key_2")) {
      assertThat(sent.stream().filter(id -> id.contains(key)))
          .containsExactly(
              "dlv_" + key + "_1", "dlv_" + key + "_1", "dlv_" + key + "_2", "dlv_" + key + "_3");
    }
  }

  /** Checks that only the node with the latest claim records the outcome. */
  @Test
  void aNodeRecordsNothingOnceAnotherHasClaimedTheDelivery() throws SQLException {
    webhook("whk_1", "http");
    delivery("dlv_accepted", "whk_1", "key_1");
    delivery("dlv_refused", "whk_1", "key_2");
    start(attempt -> {
      Outcome accepted = holding().send(attempt);
      return attempt.deliveryId().equals("dlv_accepted") ? accepted : Outcome.NO_RESPONSE;
    });
    await().atMost(SOON).until(() -> sent.size() == 2);
    execute(
        "UPDATE delivery.delivery SET lease = 'other/1',"
            + " due_at = clock_timestamp() + interval '1 minute'");
    held.countDown();

    await().atMost(SOON).until(() -> dispatchers.getFirst().underWay() == 0);
    assertThat(
            number(
                "SELECT count(*) FROM delivery.delivery"
                    + " WHERE status = 'pending' AND lease = 'other/1' AND attempts = 0"))
        .isEqualTo(2);
  }

  @Test
  void mailTakesAPartOfTheSendersOnly() throws SQLException {
    for (int hook = 1; hook <= 3; hook++) {
      webhook("whk_" + hook, "email");
      for (int i = 1; i <= 5; i++) {
        delivery("dlv_mail_" + hook + i, "whk_" + hook, "key_" + hook + i);
      }
    }
    start(Map.of(WebhookKind.HTTP, accepting(), WebhookKind.EMAIL, holding()));
    await().atMost(SOON).until(() -> sent.size() == Dispatcher.AT_ONCE_OF_MAIL);
    webhook("whk_4", "http");
    delivery("dlv_http", "whk_4", "key_4");
    await().atMost(SOON).until(() -> sent.contains("dlv_http"));
    assertThat(sent).hasSize(Dispatcher.AT_ONCE_OF_MAIL + 1);
    held.countDown();
    await().atMost(SOON).until(() -> sent.size() == 16);
  }

  @Test
  void aNodeWithoutAWayForMailLeavesItToOthers() throws SQLException {
    webhook("whk_1", "email");
    webhook("whk_2", "http");
    delivery("dlv_1", "whk_1", "key_1");
    delivery("dlv_2", "whk_2", "key_2");
    start(accepting());
    await().atMost(SOON).until(() -> sent.contains("dlv_2"));
    assertThat(number("SELECT sum(attempts) FROM delivery.delivery WHERE webhook_id = 'whk_1'"))
        .isZero();
    start(Map.of(WebhookKind.HTTP, accepting(), WebhookKind.EMAIL, accepting()));
    await().atMost(SOON).untilAsserted(() -> assertThat(sent).containsExactly("dlv_2", "dlv_1"));
  }

  @Test
  void newWebhooksOfAWorkspaceTakeFewSendersUntilTheyHaveProvenThemselves() throws SQLException {
    int more = Dispatcher.AT_ONCE_OF_UNPROVEN_OF_WORKSPACE + 2;
    for (int hook = 1; hook <= more; hook++) {
      newWebhook("whk_" + hook, "http", "hostile");
      for (int i = 1; i <= 3; i++) {
        delivery("dlv_" + hook + "_" + i, "whk_" + hook, "key_" + i);
      }
    }
    start(holding());
    await().atMost(SOON).until(() -> sent.size() == Dispatcher.AT_ONCE_OF_UNPROVEN_OF_WORKSPACE);
    newWebhook("whk_other", "http", "other");
    delivery("dlv_other", "whk_other", "key");
    await().atMost(SOON).until(() -> sent.contains("dlv_other"));
    assertThat(sent).hasSize(Dispatcher.AT_ONCE_OF_UNPROVEN_OF_WORKSPACE + 1);
    assertThat(sent.stream().map(id -> id.substring(0, "dlv_1".length()))).doesNotHaveDuplicates();

    held.countDown();
    await().atMost(SOON).until(() -> sent.size() == 3 * more + 1);
    await()
        .atMost(SOON)
        .until(() -> number("SELECT count(*) FROM delivery.webhook WHERE unproven") == 0);
  }

  @Test
  void aSuccessThatIsSlowProvesNothing() throws SQLException {
    webhook("whk_1", "http");
    delivery("dlv_1", "whk_1", "key_1");
    Transport slow =
        _ -> {
          LockSupport.parkNanos(SHORT.slowAfter().plusMillis(200).toNanos());
          return ACCEPTED;
        };
    start(Map.of(WebhookKind.HTTP, slow), SHORT);
    await()
        .atMost(SOON)
        .until(
            () -> number("SELECT count(*) FROM delivery.delivery WHERE status = 'delivered'") == 1);
    assertThat(number("SELECT count(*) FROM delivery.webhook WHERE unproven")).isEqualTo(1);
  }

  /** Checks that no receiver can occupy a sender for as long as it likes. */
  @Test
  void anAttemptThatTakesTooLongIsCutOffAndOneThatDoesNotIsLeftAlone() throws SQLException {
    webhook("whk_1", "http");
    delivery("dlv_endless", "whk_1", "key_1");
    var cancelled = new CountDownLatch(1);
    var tookMillis = new AtomicLong();
    Transport endless =
        attempt -> {
          sent.add(attempt.deliveryId());
          attempt.onCancel(cancelled::countDown);
          long begun = System.nanoTime();
          try {
            cancelled.await();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          tookMillis.set(Duration.ofNanos(System.nanoTime() - begun).toMillis());
          return Outcome.NO_RESPONSE;
        };
    start(Map.of(WebhookKind.HTTP, endless), SHORT);
    await()
        .atMost(SOON)
        .until(() -> number("SELECT count(*) FROM delivery.delivery WHERE attempts = 1") == 1);
    assertThat(tookMillis.get()).isGreaterThan(SHORT.max().toMillis() - 100);
    assertThat(sent).hasSize(1);
  }

  /** Checks that a delivery is not sent whose claim might end during the attempt. */
  @Test
  void aDeliveryThatWaitedTooLongForItsSenderIsNotSent() throws SQLException {
    webhook("whk_1", "http");
    delivery("dlv_1", "whk_1", "key_1");
    var noTime = new AttemptTimes(Duration.ZERO, SHORT.max(), SHORT.slowAfter());
    start(Map.of(WebhookKind.HTTP, accepting()), noTime);
    await()
        .atMost(SOON)
        .until(() -> number("SELECT count(*) FROM delivery.delivery WHERE lease IS NOT NULL") == 1);
    await()
        .atMost(SOON)
        .until(() -> number("SELECT count(*) FROM delivery.delivery WHERE lease IS NULL") == 1);
    dispatchers.getFirst().close();
    assertThat(sent).isEmpty();

    start(accepting());
    await().atMost(SOON).untilAsserted(() -> assertThat(sent).containsExactly("dlv_1"));
    await()
        .atMost(SOON)
        .until(() -> number("SELECT count(*) FROM delivery.delivery WHERE attempts = 1") == 1);
  }

  private Transport accepting() {
    return attempt -> {
      sent.add(attempt.deliveryId());
      return ACCEPTED;
    };
  }

  private Transport holding() {
    return attempt -> {
      sent.add(attempt.deliveryId());
      try {
        held.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      return ACCEPTED;
    };
  }

  private void start(Transport http) {
    start(Map.of(WebhookKind.HTTP, http));
  }

  private void start(Map<WebhookKind, Transport> transports) {
    start(transports, AttemptTimes.DEFAULT);
  }

  private void start(Map<WebhookKind, Transport> transports, AttemptTimes times) {
    var dispatcher =
        new Dispatcher(
            database,
            new EventCodec(),
            values,
            new EmptyEnvelopes(),
            transports,
            (_, _) -> {},
            _ -> {},
            InstantSource.system(),
            times);
    dispatchers.add(dispatcher);
    dispatcher.start();
  }

  private static final class EmptyEnvelopes implements Envelopes {
    @Override
    public byte[] of(LoggedEvent event, @Nullable Owner owner) {
      return new byte[0];
    }

    @Override
    public byte[] ofTest(String deliveryId, String webhookId, String workspace, Instant createdAt) {
      return new byte[0];
    }
  }

  /** Adds a webhook that has proven itself. */
  private static void webhook(String id, String kind) throws SQLException {
    newWebhook(id, kind, "w");
    execute("UPDATE delivery.webhook SET unproven = false WHERE webhook_id = '" + id + "'");
  }

  private static void newWebhook(String id, String kind, String workspace) throws SQLException {
    execute(
        "INSERT INTO delivery.webhook (webhook_id, workspace, kind, target, due_at)"
            + " VALUES ('%s', '%s', '%s', 'val_target', clock_timestamp())"
                .formatted(id, workspace, kind));
  }

  /** Adds a delivery behind the pending ones of its subject, as the reader of the log does. */
  private static void delivery(String id, String webhook, String subject) throws SQLException {
    execute(
        """
        INSERT INTO delivery.delivery (delivery_id, webhook_id, subject, type, in_order, due_at)
        VALUES ('%1$s', '%2$s', '%3$s', 'WebhookTest', true, CASE WHEN NOT EXISTS (
          SELECT FROM delivery.delivery WHERE webhook_id = '%2$s' AND subject = '%3$s')
          THEN clock_timestamp() END)
        """
            .formatted(id, webhook, subject));
  }

  private static void execute(String sql) throws SQLException {
    var _ = database.<Integer>inTransaction(connection -> DeliveryDatabase.update(connection, sql));
  }

  private static long number(String sql) throws SQLException {
    return database.inTransaction(
        connection -> DeliveryDatabase.query(connection, sql, row -> row.getLong(1)).getFirst());
  }
}
