package dev.keyledger.lifecycle.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Webhooks over HTTP, to real receivers, on two nodes that share one PostgreSQL. One of them has an
 * SMTP server.
 */
@Timeout(180)
class WebhooksTest {
  private static final String HOOKS = "/v1/webhooks";
  private static final String ISSUE =
      "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"OWNER\"},\"permissions\":[],"
          + "\"reason\":\"a personal reason\"}";
  private static final Duration SOON = Duration.ofSeconds(15);
  private static final Map<String, Object> LOCAL =
      Map.of(
          "keyledger.webhook.allowed-networks",
          "127.0.0.0/8,::1",
          "keyledger.public-url",
          "https://keys.example.com/");

  private static final GreenMail MAIL =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node =
      new CommandNode(ledger, CommandNode.PEPPER_1, withMail(LOCAL));
  private static final CommandNode twin = new CommandNode(ledger, CommandNode.PEPPER_1, LOCAL);
  private static final AtomicInteger COUNT = new AtomicInteger();

  @AfterAll
  static void end() {
    twin.close();
    node.close();
    MAIL.stop();
  }

  private static Map<String, Object> withMail(Map<String, Object> settings) {
    MAIL.start();
    var all = new HashMap<>(settings);
    all.put("spring.mail.host", "127.0.0.1");
    all.put("spring.mail.port", MAIL.getSmtp().getPort());
    all.put("spring.mail.properties.mail.from", "Keyledger <keys@example.com>");
    all.put("keyledger.mail.allowed-domains", "example.com,example.org");
    return all;
  }

  @Test
  void aReceiverGetsTheEventsOfAKeyAsSignedCloudEvents() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      String hook = created(workspace, receiver, "");
      String keyId = issued(workspace, "a");
      assertThat(twin.post("/v1/keys/" + keyId + "/revoke", "{}", in(workspace)).status())
          .isEqualTo(200);

      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(keyId)).hasSize(2));
      Receiver.Got got =
          receiver.about(keyId).stream()
              .filter(one -> one.type().equals("KeyIssued"))
              .findFirst()
              .orElseThrow();
      assertThat(got.header("Content-Type")).startsWith("application/cloudevents+json");
      assertThat(got.header("webhook-id")).startsWith("dlv_");
      assertThat(got.header("webhook-signature")).matches("v1,\\S+ v1a,\\S+");
      JsonNode event = got.event();
      assertThat(event.path("specversion").asString()).isEqualTo("1.0");
      assertThat(event.path("source").asString()).startsWith("urn:keyledger:log:");
      assertThat(event.path("workspace").asString()).isEqualTo(workspace);
      assertThat(event.path("data").path("keyId").asString()).isEqualTo(keyId);
      assertThat(event.path("data").path("owner").path("id").asString()).isEqualTo("a");
      assertThat(event.path("id").asString())
          .isEqualTo(event.path("data").path("position").asString());
      assertThat(got.body())
          .doesNotContain("digest", "personal reason", "\"ip\"", "kl_live_\"", "context");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(deliveries(workspace, hook, "?status=delivered"))
                  .extracting(one -> one.path("type").asString())
                  .containsSubsequence("KeyRevoked", "KeyIssued"));
      assertThat(deliveries(workspace, hook, "?status=delivered"))
          .allSatisfy(one -> {
            assertThat(one.path("attempts").asInt()).isEqualTo(1);
            assertThat(one.path("responseStatus").asInt()).isEqualTo(204);
            assertThat(one.has("nextAttemptAt")).isFalse();
          });
    }
  }

  @Test
  void aWebhookBeginsWithWhatHappensAfterItsCreation() {
    String workspace = newWorkspace();
    String before = issued(workspace, "a");
    try (var receiver = new Receiver()) {
      var _ = created(workspace, receiver, "");
      String after = issued(workspace, "a");
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(after)).hasSize(1));
      assertThat(receiver.about(before)).isEmpty();
      assertThat(receiver.got()).hasSize(1);
    }
  }

  @Test
  void aFilterSelectsTypesAndOwners() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      var _ =
          created(
              workspace,
              receiver,
              ",\"types\":[\"KeyRevoked\",\"KeyTransferred\"],\"owner\":{\"type\":\"app\",\"id\":\"mine\"}");
      String mine = issued(workspace, "mine");
      String others = issued(workspace, "others");
      String coming = issued(workspace, "others");
      for (String keyId : List.of(mine, others)) {
        node.post("/v1/keys/" + keyId + "/revoke", "{}", in(workspace));
      }
      node.post(
          "/v1/keys/" + coming + "/transfer",
          "{\"owner\":{\"type\":\"app\",\"id\":\"mine\"}}",
          in(workspace));
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(coming)).hasSize(1));
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(mine)).hasSize(1));
      assertThat(receiver.got())
          .extracting(Receiver.Got::type)
          .containsExactlyInAnyOrder("KeyRevoked", "KeyTransferred");
    }
  }

  @Test
  void theSecretIsShownOnceAndStoredSealed() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      var answer =
          node.post(
              HOOKS,
              "{\"url\":\"%s?token=of-the-receiver\"}".formatted(receiver.url()),
              in(workspace));
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
      assertThat(answer.header("Location")).isEqualTo(HOOKS + "/" + answer.field("webhookId"));
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(answer.field("secret")).startsWith("whsec_");
      assertThat(answer.field("publicKey")).startsWith("whpk_");

      var read = get(HOOKS + "/" + answer.field("webhookId"), workspace);
      assertThat(read.body().has("secret")).isFalse();
      assertThat(read.field("url")).endsWith("?token=of-the-receiver");
      assertThat(read.field("publicKey")).isEqualTo(answer.field("publicKey"));
      for (String table :
          List.of("delivery.sealed_value", "delivery.webhook", "log.event", "log.idempotency")) {
        assertThat(ledger.dump(table))
            .as(table)
            .doesNotContain("of-the-receiver", answer.field("secret"), receiver.url());
      }
    }
  }

  @Test
  void aRepeatedRequestGetsTheSameWebhookWithItsSecret() {
    String workspace = newWorkspace();
    String key = "the same key for hooks " + COUNT.incrementAndGet();
    try (var receiver = new Receiver()) {
      String body = "{\"url\":\"%s\"}".formatted(receiver.url());
      String[] headers = {"Keyledger-Workspace", workspace, "Idempotency-Key", key};
      var first = node.post(HOOKS, body, headers);
      var again = twin.post(HOOKS, body, headers);
      assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
      assertThat(again.text()).isEqualTo(first.text());
      assertThat(again.header("Location")).isEqualTo(first.header("Location"));
      assertThat(node.post(HOOKS, "{\"url\":\"https://example.com/\"}", headers).field("code"))
          .isEqualTo("idempotency-key-reused");

      String hook = first.field("webhookId");
      assertThat(send("DELETE", HOOKS + "/" + hook, "", workspace).status()).isEqualTo(204);
      var afterItsEnd = node.post(HOOKS, body, headers);
      assertThat(afterItsEnd.status()).isEqualTo(201);
      assertThat(afterItsEnd.body().has("secret")).as("a dead secret").isFalse();
    }
  }

  @Test
  void duringARotationBothSecretsSign() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      String hook = created(workspace, receiver, "");
      String path = HOOKS + "/" + hook + "/rotate-secret";
      var rotated = send("POST", path, "{\"overlap\":\"PT1H\"}", workspace);
      assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
      assertThat(rotated.field("secret")).startsWith("whsec_");
      assertThat(rotated.header("Cache-Control")).isEqualTo("no-store");
      assertThat(Instant.parse(rotated.field("overlapEndsAt"))).isAfter(Instant.now());
      assertThat(send("POST", path, "{}", workspace).field("code"))
          .isEqualTo("rotation-in-progress");

      var test = send("POST", HOOKS + "/" + hook + "/test", "", workspace);
      assertThat(test.status()).as(test.text()).isEqualTo(202);
      assertThat(test.field("type")).isEqualTo("WebhookTest");
      assertThat(test.header("Keyledger-Position")).isNotEmpty();
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(hook)).hasSize(1));
      Receiver.Got got = receiver.about(hook).getFirst();
      assertThat(got.header("webhook-signature")).matches("v1,\\S+ v1a,\\S+ v1,\\S+ v1a,\\S+");
      assertThat(got.header("webhook-id")).isEqualTo(test.field("deliveryId"));
      assertThat(got.type()).isEqualTo("WebhookTest");
    }
  }

  @Test
  void aRotationWithoutOverlapLeavesOneSecretAndCanBeRepeated() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      String hook = created(workspace, receiver, "");
      String path = HOOKS + "/" + hook + "/rotate-secret";
      for (int i = 0; i < 2; i++) {
        var rotated = send("POST", path, "{\"overlap\":\"PT0S\"}", workspace);
        assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
        assertThat(rotated.body().has("overlapEndsAt")).isFalse();
      }
      send("POST", HOOKS + "/" + hook + "/test", "", workspace);
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(hook)).hasSize(1));
      assertThat(receiver.about(hook).getFirst().header("webhook-signature"))
          .matches("v1,\\S+ v1a,\\S+");
    }
  }

  @Test
  void aFailedDeliveryIsRepeatedWithTheSameIdWhileLaterOnesOfTheKeyWait() {
    String workspace = newWorkspace();
    var refused = new HashSet<String>();
    try (var receiver =
        new Receiver((exchange, _) -> {
          String id = exchange.getRequestHeaders().getFirst("webhook-id");
          boolean first;
          synchronized (refused) {
            first = refused.isEmpty() && refused.add(id);
          }
          byte[] body = "x".repeat(5000).getBytes(UTF_8);
          exchange.sendResponseHeaders(first ? 503 : 200, body.length);
          exchange.getResponseBody().write(body);
        })) {
      String hook = created(workspace, receiver, "");
      String keyId = issued(workspace, "a");
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(keyId)).hasSize(1));
      describe(workspace, keyId, "second");
      describe(workspace, keyId, "third");
      node.post("/v1/keys/" + keyId + "/suspend", "{}", in(workspace));
      String other = issued(workspace, "a");

      // Neither a suspension nor another key waits.
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(other)).hasSize(1));
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(receiver.about(keyId))
                  .extracting(Receiver.Got::type)
                  .containsExactly("KeyIssued", "KeySuspended"));
      List<JsonNode> pending = deliveries(workspace, hook, "?status=pending");
      assertThat(pending)
          .extracting(one -> one.path("type").asString())
          .containsExactly("KeyDescribed", "KeyDescribed", "KeyIssued");
      JsonNode failed = pending.getLast();
      assertThat(failed.path("attempts").asInt()).isEqualTo(1);
      assertThat(failed.path("responseStatus").asInt()).isEqualTo(503);
      assertThat(failed.path("responseBody").asString()).hasSize(1024);
      assertThat(Instant.parse(failed.path("nextAttemptAt").asString()))
          .isBetween(Instant.now(), Instant.now().plusSeconds(7));
      assertThat(pending.getFirst().has("nextAttemptAt")).as("it waits").isFalse();
      assertThat(
              send(
                      "POST",
                      HOOKS
                          + "/"
                          + hook
                          + "/deliveries/"
                          + failed.path("deliveryId").asString()
                          + "/redeliver",
                      "",
                      workspace)
                  .field("code"))
          .isEqualTo("conflict");

      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(keyId)).hasSize(5));
      assertThat(receiver.about(keyId))
          .extracting(Receiver.Got::type)
          .containsExactly(
              "KeyIssued", "KeySuspended", "KeyIssued", "KeyDescribed", "KeyDescribed");
      assertThat(receiver.about(keyId).get(2).header("webhook-id"))
          .isEqualTo(receiver.about(keyId).getFirst().header("webhook-id"));
      assertThat(receiver.about(keyId).get(2).body())
          .isEqualTo(receiver.about(keyId).getFirst().body());
      long pause = receiver.about(keyId).get(2).nanos() - receiver.about(keyId).getFirst().nanos();
      assertThat(Duration.ofNanos(pause)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(8));
    }
  }

  @Test
  void afterTheLastRetryADeliveryIsDeadNoLongerInTheWayAndRedeliverable() {
    String workspace = newWorkspace();
    var refusing = new CountDownLatch(1);
    try (var receiver =
        new Receiver((exchange, _) ->
            exchange.sendResponseHeaders(refusing.getCount() > 0 ? 500 : 200, -1))) {
      String hook = created(workspace, receiver, "");
      String keyId = issued(workspace, "a");
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(keyId)).hasSize(1));
      describe(workspace, keyId, "second");
      for (int attempts = 2; attempts <= 10; attempts++) {
        int expected = attempts;
        await()
            .atMost(SOON)
            .untilAsserted(() -> {
              hurry(hook);
              assertThat(receiver.about(keyId)).hasSizeGreaterThanOrEqualTo(expected);
            });
      }
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(deliveries(workspace, hook, "?status=dead")).hasSize(1));
      JsonNode dead = deliveries(workspace, hook, "?status=dead").getFirst();
      assertThat(dead.path("type").asString()).isEqualTo("KeyIssued");
      assertThat(dead.path("attempts").asInt()).isEqualTo(10);
      // The next one of the key is attempted now.
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(receiver.about(keyId))
                  .extracting(Receiver.Got::type)
                  .contains("KeyDescribed"));
      refusing.countDown();
      var again =
          send(
              "POST",
              HOOKS
                  + "/"
                  + hook
                  + "/deliveries/"
                  + dead.path("deliveryId").asString()
                  + "/redeliver",
              "{}",
              workspace);
      assertThat(again.status()).as(again.text()).isEqualTo(202);
      assertThat(again.field("status")).isEqualTo("pending");
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            hurry(hook);
            assertThat(deliveries(workspace, hook, "?status=delivered"))
                .extracting(one -> one.path("type").asString())
                .contains("KeyIssued", "KeyDescribed");
          });
    }
  }

  @Test
  void goneDisablesTheWebhook() {
    String workspace = newWorkspace();
    var gone = new AtomicInteger(410);
    try (var receiver =
        new Receiver((exchange, _) -> exchange.sendResponseHeaders(gone.get(), -1))) {
      String hook = created(workspace, receiver, "");
      issued(workspace, "a");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(get(HOOKS + "/" + hook, workspace).field("disabledReason"))
                  .isEqualTo("gone"));
      assertThat(get(HOOKS + "/" + hook, workspace).body().path("enabled").asBoolean()).isFalse();
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(deliveries(workspace, hook, ""))
                  .extracting(one -> one.path("status").asString())
                  .containsExactly("dead"));
      String dead = deliveries(workspace, hook, "").getFirst().path("deliveryId").asString();
      for (String path : List.of("/deliveries/" + dead + "/redeliver", "/test")) {
        var refused = send("POST", HOOKS + "/" + hook + path, "{}", workspace);
        assertThat(refused.field("code")).as(path).isEqualTo("conflict");
        assertThat(refused.field("detail")).as(path).contains("disabled");
      }
      gone.set(204);
      String missed = issued(workspace, "a");
      var enabled = send("PATCH", HOOKS + "/" + hook, "{\"enabled\":true}", workspace);
      assertThat(enabled.status()).as(enabled.text()).isEqualTo(200);
      assertThat(enabled.body().has("disabledReason")).isFalse();
      String told = issued(workspace, "a");
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.about(told)).hasSize(1));
      assertThat(receiver.about(missed)).isEmpty();
      var test = send("POST", HOOKS + "/" + hook + "/test", "{}", workspace);
      assertThat(test.status()).as(test.text()).isEqualTo(202);
    }
  }

  @Test
  void aReceiverThatHangsDelaysNoOther() {
    String workspace = newWorkspace();
    var hanging = new CountDownLatch(1);
    try (var slow =
            new Receiver((_, _) -> {
              try {
                hanging.await();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
        var quick = new Receiver()) {
      for (int i = 0; i < 5; i++) {
        var _ = created(workspace, slow, "");
      }
      String elsewhere = newWorkspace();
      var _ = created(elsewhere, quick, "");
      for (int i = 0; i < 40; i++) {
        issued(workspace, "a");
      }
      long begun = System.nanoTime();
      List<String> keys = IntStream.range(0, 20).mapToObj(_ -> issued(elsewhere, "a")).toList();
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() ->
              assertThat(quick.got())
                  .extracting(Receiver.Got::subject)
                  .containsExactlyInAnyOrderElementsOf(keys));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
      hanging.countDown();
    }
  }

  @Test
  void deliveriesOfAKeyArriveInOrderFromTwoNodesAndNoneIsSentTwice() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      var _ = created(workspace, receiver, "");
      var keys = new ArrayList<String>();
      for (int i = 0; i < 5; i++) {
        keys.add(issued(workspace, "a"));
      }
      for (int i = 0; i < 20; i++) {
        for (String keyId : keys) {
          describe(workspace, keyId, "name " + i);
        }
      }
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.got()).hasSize(105));
      for (String keyId : keys) {
        assertThat(receiver.about(keyId))
            .extracting(got -> got.event().path("data").path("position").asLong())
            .isSorted()
            .doesNotHaveDuplicates()
            .hasSize(21);
      }
      assertThat(receiver.got())
          .extracting(got -> got.header("webhook-id"))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aDeliveryClaimedByADeadNodeIsSentAfterItsLease() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      String hook = created(workspace, receiver, "");
      String path = HOOKS + "/" + hook;
      send("POST", path + "/test", "", workspace);
      await().atMost(SOON).untilAsserted(() -> assertThat(receiver.got()).hasSize(1));
      long begun = System.nanoTime();
      String id = "dlv_of_a_dead_node";
      // As a node leaves it that dies while it sends.
      ledger.execute(
          """
          INSERT INTO delivery.delivery (delivery_id, webhook_id, subject, type, in_order, lease, due_at)
          VALUES ('%1$s', '%2$s', '%2$s', 'WebhookTest', false, 'dead/1', now() + interval '3 seconds');
          UPDATE delivery.webhook SET due_at = now() WHERE webhook_id = '%2$s'
          """
              .formatted(id, hook));
      assertThat(deliveries(workspace, hook, "?status=pending"))
          .filteredOn(one -> one.path("deliveryId").asString().equals(id))
          .allSatisfy(one -> assertThat(one.has("nextAttemptAt")).isFalse());
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(receiver.got())
                  .extracting(got -> got.header("webhook-id"))
                  .containsOnlyOnce(id));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void anAddressGetsMailsInOrder() {
    String workspace = newWorkspace();
    var answer =
        node.post(
            HOOKS,
            "{\"kind\":\"email\",\"address\":\"order@example.com\",\"types\":[\"KeyIssued\",\"KeyDescribed\"]}",
            in(workspace));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.field("kind")).isEqualTo("email");
    assertThat(answer.field("address")).isEqualTo("order@example.com");
    for (String absent : List.of("url", "secret", "publicKey")) {
      assertThat(answer.body().has(absent)).as(absent).isFalse();
    }
    String hook = answer.field("webhookId");
    assertThat(twin.send("GET", HOOKS + "/" + hook, "", in(workspace)).body())
        .isEqualTo(answer.body());
    String keyId = issued(workspace, "a");
    describe(workspace, keyId, "second <b>");
    describe(workspace, keyId, "third\u00fc");

    await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo("order@example.com")).hasSize(3));
    assertThat(mailsTo("order@example.com"))
        .extracting(Mail::subject)
        .containsExactly(
            "KeyIssued: API key \"n\"",
            "KeyDescribed: API key \"second <b>\"",
            "KeyDescribed: API key \"third\u00fc\"");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(deliveries(workspace, hook, "?status=delivered"))
                .hasSize(3)
                .allSatisfy(one -> {
                  assertThat(one.path("attempts").asInt()).isEqualTo(1);
                  assertThat(one.path("responseStatus").asInt()).isEqualTo(250);
                  assertThat(one.path("responseBody").asString()).startsWith("250");
                }));
    String delivery = deliveries(workspace, hook, "").getLast().path("deliveryId").asString();
    assertThat(mailsTo("order@example.com").getFirst().id())
        .isEqualTo("<" + delivery + "@example.com>");

    assertThat(
            send(
                    "POST",
                    HOOKS + "/" + hook + "/deliveries/" + delivery + "/redeliver",
                    "",
                    workspace)
                .status())
        .isEqualTo(202);
    assertThat(send("POST", HOOKS + "/" + hook + "/test", "", workspace).status()).isEqualTo(202);
    await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo("order@example.com")).hasSize(5));
    assertThat(mailsTo("order@example.com"))
        .filteredOn(mail -> mail.id().contains(delivery))
        .hasSize(2);
  }

  @Test
  void anAddressCanBeChangedAndIsStoredSealed() {
    String workspace = newWorkspace();
    String hook = mailWebhook(workspace, "first@example.com");
    var moved =
        send("PATCH", HOOKS + "/" + hook, "{\"address\":\"second@example.org\"}", workspace);
    assertThat(moved.field("address")).isEqualTo("second@example.org");
    long events = events(workspace);
    var same = send("PATCH", HOOKS + "/" + hook, "{\"address\":\"second@example.org\"}", workspace);
    assertThat(same.status()).isEqualTo(200);
    assertThat(events(workspace)).isEqualTo(events);
    for (String body :
        List.of(
            "{\"url\":\"https://example.com/\"}",
            "{\"address\":null}",
            "{\"address\":\"second@example.net\"}")) {
      assertThat(send("PATCH", HOOKS + "/" + hook, body, workspace).field("code"))
          .as(body)
          .isEqualTo("invalid-field");
    }
    var rotated = send("POST", HOOKS + "/" + hook + "/rotate-secret", "", workspace);
    assertThat(rotated.status()).isEqualTo(422);
    assertThat(rotated.field("code")).isEqualTo("invalid-field");

    issued(workspace, "a");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(mailsTo("second@example.org"))
                .extracting(Mail::subject)
                .contains("KeyIssued: API key \"n\""));
    assertThat(mailsTo("first@example.com")).isEmpty();
    for (String table :
        List.of("delivery.sealed_value", "delivery.webhook", "log.event", "log.idempotency")) {
      assertThat(ledger.dump(table)).as(table).doesNotContain("second@example.org");
    }
    try (var receiver = new Receiver()) {
      String other = HOOKS + "/" + created(workspace, receiver, "");
      assertThat(
              send("PATCH", other, "{\"address\":\"second@example.org\"}", workspace).field("code"))
          .isEqualTo("invalid-field");
    }

    assertThat(send("PATCH", HOOKS + "/" + hook, "{\"enabled\":false}", workspace).status())
        .isEqualTo(200);
    assertThat(send("DELETE", HOOKS + "/" + hook, "", workspace).status()).isEqualTo(204);
  }

  @Test
  void aRepeatedRequestGetsTheSameMailWebhook() {
    String[] headers = {
      "Keyledger-Workspace", newWorkspace(), "Idempotency-Key", "the same key for a mail webhook"
    };
    String body = "{\"kind\":\"email\",\"address\":\"again@example.com\"}";
    var first = node.post(HOOKS, body, headers);
    var again = twin.post(HOOKS, body, headers);
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(again.text()).isEqualTo(first.text()).contains("again@example.com");
  }

  @Test
  void withoutAnSmtpServerThereIsNoMail() {
    var answer = twin.post(HOOKS, "{\"kind\":\"email\",\"address\":\"ops@example.com\"}");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.field("code")).isEqualTo("invalid-field");
    assertThat(answer.field("detail")).contains("SPRING_MAIL_HOST");
  }

  @Test
  void aWebhookOfAClosedWorkspaceCanBeDisabledAndDeleted() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      String path = HOOKS + "/" + created(workspace, receiver, "");
      assertThat(node.post("/v1/workspaces/" + workspace + "/close", "{}").status()).isEqualTo(200);
      for (String body : List.of("{\"enabled\":true}", "{\"types\":[\"KeyIssued\"]}")) {
        assertThat(send("PATCH", path, body, workspace).field("code"))
            .as(body)
            .isEqualTo("workspace-closed");
      }
      assertThat(send("POST", path + "/test", "{}", workspace).field("code"))
          .isEqualTo("workspace-closed");
      var disabled = send("PATCH", path, "{\"enabled\":false}", workspace);
      assertThat(disabled.status()).as(disabled.text()).isEqualTo(200);
      assertThat(disabled.field("disabledReason")).isEqualTo("requested");
      assertThat(send("DELETE", path, "", workspace).status()).isEqualTo(204);
      assertThat(get(path, workspace).status()).isEqualTo(404);
    }
  }

  @Test
  void anEventSaysWhoChangedAWebhookAndWhy() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      var _ = created(workspace, receiver, ",\"reason\":\"requested by somebody\"");
      assertThat(
              ledger.text(
                  "SELECT actor_type || ' ' || convert_from(context, 'UTF8') FROM log.event"
                      + " WHERE type = 'WebhookCreated' AND workspace = '%s'".formatted(workspace)))
          .startsWith("root ")
          .contains("requested by somebody", "127.0.0.1");
    }
  }

  @Test
  void aThousandDeliveriesToOneReceiverTakeSeconds() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      var _ = created(workspace, receiver, ",\"types\":[\"KeyImported\"]");
      String keys =
          IntStream.range(0, 1000)
              .mapToObj(
                  "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"a\"},\"permissions\":[],\"secretSha256\":\"%064x\"}"
                      ::formatted)
              .collect(Collectors.joining(","));
      assertThat(send("POST", "/v1/keys/import", "{\"keys\":[" + keys + "]}", workspace).status())
          .isEqualTo(200);
      await().atMost(Duration.ofSeconds(20)).until(() -> receiver.got().size() >= 1000);
      assertThat(receiver.got())
          .extracting(got -> got.header("webhook-id"))
          .hasSize(1000)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aChangeAppliesToLaterEventsAndKeepsWhatItDoesNotName() {
    String workspace = newWorkspace();
    try (var first = new Receiver();
        var second = new Receiver()) {
      String hook =
          created(
              workspace,
              first,
              ",\"types\":[\"KeyIssued\"],\"owner\":{\"type\":\"app\",\"id\":\"a\"}");
      var moved =
          send("PATCH", HOOKS + "/" + hook, "{\"url\":\"%s\"}".formatted(second.url()), workspace);
      assertThat(moved.field("url")).isEqualTo(second.url());
      assertThat(moved.body().path("types")).hasSize(1);
      String keyId = issued(workspace, "a");
      await().atMost(SOON).untilAsserted(() -> assertThat(second.about(keyId)).hasSize(1));
      assertThat(first.got()).isEmpty();

      long events = events(workspace);
      var same =
          send("PATCH", HOOKS + "/" + hook, "{\"url\":\"%s\"}".formatted(second.url()), workspace);
      assertThat(same.status()).isEqualTo(200);
      assertThat(events(workspace)).as("events of a change that changes nothing").isEqualTo(events);

      var cleared = send("PATCH", HOOKS + "/" + hook, "{\"types\":null,\"owner\":null}", workspace);
      assertThat(cleared.body().has("types")).isFalse();
      assertThat(cleared.body().has("owner")).isFalse();
      assertThat(cleared.field("url")).isEqualTo(second.url());
      for (String body : List.of("{\"url\":null}", "{\"enabled\":null}", "{\"types\":[]}")) {
        assertThat(send("PATCH", HOOKS + "/" + hook, body, workspace).field("code"))
            .as(body)
            .isEqualTo("invalid-field");
      }
    }
  }

  @Test
  void aWorkspaceHasAHundredWebhooksAndNotOneMore() {
    String workspace = newWorkspace();
    String hook = "";
    for (int i = 0; i < 100; i++) {
      var answer =
          send("POST", HOOKS, "{\"url\":\"http://127.0.0.1:9/%d\"}".formatted(i), workspace);
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
      hook = answer.field("webhookId");
    }
    var refused = send("POST", HOOKS, "{\"url\":\"http://127.0.0.1:9/\"}", workspace);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.field("code")).isEqualTo("quota-exceeded");

    var seen = new ArrayList<String>();
    String cursor = "";
    do {
      JsonNode page = get(HOOKS + "?limit=30" + cursor, workspace).body();
      page.path("data").forEach(one -> seen.add(one.path("webhookId").asString()));
      cursor = page.has("nextCursor") ? "&cursor=" + page.path("nextCursor").asString() : "";
    } while (!cursor.isEmpty());
    assertThat(seen).hasSize(100).doesNotHaveDuplicates().startsWith(hook);

    assertThat(send("DELETE", HOOKS + "/" + hook, "", workspace).status()).isEqualTo(204);
    assertThat(send("POST", HOOKS, "{\"url\":\"http://127.0.0.1:9/\"}", workspace).status())
        .isEqualTo(201);
  }

  @Test
  void aDeletedWebhookAndOneOfAnotherWorkspaceAreNotFound() {
    String workspace = newWorkspace();
    try (var receiver = new Receiver()) {
      String hook = created(workspace, receiver, "");
      String foreign = created(newWorkspace(), receiver, "");
      send("DELETE", HOOKS + "/" + hook, "{\"reason\":\"no longer needed\"}", workspace);
      for (String gone : List.of(hook, foreign, "whk_x", "%00", "whk_01k00000000000000000000000")) {
        String path = HOOKS + "/" + gone;
        assertThat(get(path, workspace).status()).as(path).isIn(404, 400);
        for (String request :
            List.of(
                "PATCH " + path,
                "DELETE " + path,
                "POST " + path + "/rotate-secret",
                "POST " + path + "/test",
                "GET " + path + "/deliveries",
                "POST " + path + "/deliveries/dlv_01k00000000000000000000000/redeliver")) {
          String[] parts = request.split(" ", 2);
          assertThat(send(parts[0], parts[1], "", workspace).status()).as(request).isIn(404, 400);
        }
      }
      issued(workspace, "a");
      String own = created(workspace, receiver, "");
      for (String delivery : List.of("dlv_01k00000000000000000000000", "x", "dlv_%27")) {
        var answer =
            send(
                "POST",
                HOOKS + "/" + own + "/deliveries/" + delivery + "/redeliver",
                "",
                workspace);
        assertThat(answer.field("code")).as(delivery).isEqualTo("not-found");
      }
      assertThat(receiver.got()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"url\":\"ftp://example.com/\"}",
        "{\"url\":\"https://10.0.0.1/\"}",
        "{\"url\":\"https://169.254.169.254/latest/meta-data\"}",
        "{\"url\":\"https://[fe80::1]/\"}",
        "{\"url\":\"https://user@example.com/\"}",
        "{\"url\":\"https://example.com/\",\"kind\":\"email\"}",
        "{\"kind\":\"email\"}",
        "{\"address\":\"ops@example.com\"}",
        "{\"url\":\"https://example.com/\",\"address\":\"ops@example.com\"}",
        "{\"url\":\"https://example.com/\",\"address\":\"ops@example.com\",\"kind\":\"email\"}",
        "{\"address\":\"ops@example.net\",\"kind\":\"email\"}",
        "{\"address\":\"ops@sub.example.com\",\"kind\":\"email\"}",
        "{\"address\":\"ops@example.com\\r\\nBcc: a@example.net\",\"kind\":\"email\"}",
        "{\"url\":\"https://example.com/\",\"kind\":\"sms\"}",
        "{\"url\":\"https://example.com/\",\"types\":[]}",
        "{\"url\":\"https://example.com/\",\"types\":[\"KeyForgotten\"]}",
        "{\"url\":\"https://example.com/\",\"owner\":{}}",
        "{\"url\":\"https://example.com/\",\"owner\":{\"type\":\"robot\",\"id\":\"1\"}}"
      })
  void aValueOutsideTheLimitsIs422(String body) {
    var answer = node.post(HOOKS, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.field("code")).isEqualTo("invalid-field");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"url\":17}",
        "{\"kind\":\"email\",\"address\":17}",
        "{\"url\":\"https://example.com/\",\"types\":\"KeyIssued\"}",
        "{\"url\":\"https://example.com/\",\"secret\":\"whsec_x\"}"
      })
  void aMalformedBodyIs400(String body) {
    assertThat(node.post(HOOKS, body).status()).isEqualTo(400);
  }

  @Test
  void ifMatchIsForThingsWithVersions() {
    assertThat(node.post(HOOKS, "{\"url\":\"https://example.com/\"}", "If-Match", "\"1\"").status())
        .isEqualTo(400);
  }

  private static String newWorkspace() {
    String workspace = "hooks-" + COUNT.incrementAndGet();
    assertThat(node.post("/v1/workspaces", "{\"workspace\":\"%s\"}".formatted(workspace)).status())
        .isEqualTo(201);
    return workspace;
  }

  private static String[] in(String workspace) {
    return new String[] {"Keyledger-Workspace", workspace};
  }

  private static CommandNode.Answer send(
      String method, String path, String body, String workspace) {
    return node.send(method, path, body, in(workspace));
  }

  private static CommandNode.Answer get(String path, String workspace) {
    return send("GET", path, "", workspace);
  }

  private static String mailWebhook(String workspace, String address) {
    var answer =
        node.post(
            HOOKS, "{\"kind\":\"email\",\"address\":\"%s\"}".formatted(address), in(workspace));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.field("webhookId");
  }

  /** A mail that has arrived. */
  private record Mail(String to, String subject, String id) {
    static Mail of(MimeMessage message) {
      try {
        return new Mail(
            message.getAllRecipients()[0].toString(), message.getSubject(), message.getMessageID());
      } catch (MessagingException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Returns the mails to an address, in the order in which they arrived. */
  private static List<Mail> mailsTo(String address) {
    return Stream.of(MAIL.getReceivedMessages())
        .map(Mail::of)
        .filter(mail -> mail.to().equals(address))
        .toList();
  }

  /** Creates a webhook and returns its id. */
  private static String created(String workspace, Receiver receiver, String more) {
    var answer =
        node.post(HOOKS, "{\"url\":\"%s\"%s}".formatted(receiver.url(), more), in(workspace));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.field("webhookId");
  }

  private static String issued(String workspace, String owner) {
    var answer = node.post("/v1/keys", ISSUE.replace("OWNER", owner), in(workspace));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.field("keyId");
  }

  private static void describe(String workspace, String keyId, String name) {
    assertThat(
            send("PATCH", "/v1/keys/" + keyId, "{\"name\":\"%s\"}".formatted(name), workspace)
                .status())
        .isEqualTo(200);
  }

  private static List<JsonNode> deliveries(String workspace, String hook, String query) {
    return get(HOOKS + "/" + hook + "/deliveries" + query, workspace)
        .body()
        .path("data")
        .valueStream()
        .toList();
  }

  /** Makes the retries of a webhook due at once. Locks the webhook first, as nodes do. */
  private static void hurry(String hook) {
    ledger.execute(
        """
        UPDATE delivery.webhook SET due_at = now() WHERE webhook_id = '%1$s';
        UPDATE delivery.delivery SET due_at = now()
        WHERE webhook_id = '%1$s' AND status = 'pending' AND lease IS NULL AND due_at IS NOT NULL
        """
            .formatted(hook));
  }

  private static long events(String workspace) {
    return ledger.number("SELECT count(*) FROM log.event WHERE stream_id = '" + workspace + "'");
  }
}
