package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The audit of every command: each event has its actor, origin, credential and reason. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class AuditedIT {
  private static final String USER_AGENT = "audited/1";

  static Stream<Operation> commands() {
    return Contract.KEYLEDGER.all().stream()
        .filter(Operation::isCommand)
        .filter(command -> !Rights.of(command).needs().equals(Rights.ROOT)) // not about a key
        .filter(command -> !command.path().startsWith("/v1/webhooks")) // likewise: see WebhooksTest
        .filter(
            command -> !Rights.of(command).needs().equals(Rights.GITHUB)); // see GitHubLeaksTest
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyEventSaysWhoDidItAndWhy(Operation command, KeyledgerProcess keyledger) {
    Rights.Right right = Rights.of(command);
    Issuer issuer = keyledger.issuer();
    String owner = "audited-" + new SplittableRandom().nextInt(Integer.MAX_VALUE);
    IssuedKey key =
        issuer.issuedFrom(
            "{\"name\":\"x\",\"owner\":{\"type\":\"user\",\"id\":\"%s\"},\"permissions\":[]}"
                .formatted(owner));
    right.prepare(key, issuer);
    IssuedKey operator =
        issuer.issued(
            right.isPermission()
                ? right.permissions().toArray(String[]::new)
                : new String[] {"keyledger:self:*"});
    Client client =
        switch (right.needs()) {
          case Rights.ANYBODY, Rights.ANYBODY_OR_OPERATOR -> keyledger.client();
          case Rights.ROOT -> keyledger.root();
          default -> keyledger.client().bearer(operator.secret());
        };
    Operation.Sample body = command.sample().orElseThrow();
    String reason = "because of " + owner;

    Answer answer =
        client
            .header("User-Agent", USER_AGENT)
            .header("Content-Type", body.mediaType())
            .send(
                command.method(),
                command.pathWith(Map.of("keyId", key.id(), "type", "user", "id", owner)),
                BodyPublishers.ofString(filledIn(body, reason, key, ownerIn(command, owner))));

    assertThat(answer.status()).as(answer.text()).isBetween(200, 299);
    List<JsonNode> entries = entriesOf(answer, keyledger.root());
    assertThat(entries).isNotEmpty();
    for (JsonNode entry : entries) {
      assertThat(actorOf(entry))
          .isEqualTo(
              switch (right.needs()) {
                case Rights.ANYBODY -> "holder:" + key.id();
                case Rights.ANYBODY_OR_OPERATOR -> "anonymous:";
                case Rights.ROOT -> "root:";
                case Rights.SELF -> "holder:" + operator.id();
                default -> "operator:" + operator.id();
              });
      assertThat(entry.path("ip").asString("")).isEqualTo("127.0.0.1");
      assertThat(entry.path("userAgent").asString("")).isEqualTo(USER_AGENT);
      assertThat(entry.path("reason").asString(""))
          .isEqualTo(right.needs().equals(Rights.ANYBODY) ? "" : reason);
    }
  }

  private static String actorOf(JsonNode entry) {
    JsonNode actor = entry.path("actor");
    return actor.path("type").asString() + ":" + actor.path("id").asString("");
  }

  /** Returns the owner, if the body of the command says whose keys it is about. */
  private static Optional<String> ownerIn(Operation command, String owner) {
    return Optional.of(owner).filter(_ -> command.path().equals("/v1/owners/revoke-keys"));
  }

  /** Returns the documented body for this key, with a reason and new secrets. */
  private static String filledIn(
      Operation.Sample body, String reason, IssuedKey key, Optional<String> owner) {
    if (body.mediaType().equals(Operation.FORM)) {
      return "token=" + key.secret();
    }
    ObjectNode filled = (ObjectNode) body.value().deepCopy();
    filled.put("reason", reason);
    owner.ifPresent(id -> filled.putObject("owner").put("type", "user").put("id", id));
    if (filled.has("secret")) {
      filled.put("secret", key.secret());
    }
    if (filled.has("actor")) {
      filled.remove("actor");
      filled.put("keyId", key.id());
    }
    if (filled.has("keyIds")) {
      filled.putArray("keyIds").add(key.id());
    }
    var random = new SplittableRandom();
    filled
        .path("keys")
        .forEach(entry ->
            ((ObjectNode) entry)
                .put("secretSha256", "%016x".formatted(random.nextLong()).repeat(4)));
    return filled.toString();
  }

  /** Returns the entries that the request has left in the audit. */
  private static List<JsonNode> entriesOf(Answer answer, Client root) {
    String requestId = answer.header("Keyledger-Request-Id");
    String position = answer.header("Keyledger-Position");
    Client reader = position.isEmpty() ? root : root.header("Keyledger-At-Least", position);
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                reader
                    .get("/v1/audit")
                    .body()
                    .path("data")
                    .valueStream()
                    .filter(entry -> entry.path("requestId").asString().equals(requestId))
                    .toList(),
            found -> !found.isEmpty());
  }
}
