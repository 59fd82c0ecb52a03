package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation, requested by every kind of caller: the unauthorized are refused with the status
 * and code of the contract, and the authorized are served.
 */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class MatrixIT {
  /** The callers: first those without a valid credential, whatever they ask for. */
  enum Who {
    WITHOUT_CREDENTIAL,
    WITH_A_MALFORMED_ONE,
    WITH_AN_UNKNOWN_ONE,
    REVOKED,
    EXPIRED,
    SUSPENDED,
    ROTATED_OUT,
    /** A valid key that is not an operator's, whatever its wildcards. */
    CUSTOMER,
    /** An operator with all rights but this one. */
    WITHOUT_THE_PERMISSION,
    /** An operator with this right who names another workspace. */
    ELSEWHERE_BY_HEADER,
    /** An operator of another workspace with all rights there. */
    ELSEWHERE,
    /** An operator with this right alone. */
    PERMITTED,
    ROOT;

    boolean isOperator() {
      return compareTo(CUSTOMER) > 0;
    }
  }

  /** The expected answer; the code is empty where there is none. */
  private record Expected(int status, String code) {}

  /** A well-formed secret with a correct checksum that belongs to no key. */
  private static final String UNKNOWN_SECRET =
      "kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20";

  private static final String WORKSPACE = "of-the-matrix";
  private static final String ELSEWHERE = "elsewhere-of-the-matrix";

  private static final Set<String> ON_BOTH_PORTS =
      Set.of("/v1/verify", "/v1/verify/batch", "/v1/forward-auth");

  private static final Map<Who, String> SECRETS = new EnumMap<>(Who.class);
  private static KeyledgerProcess keyledger;
  private static Issuer issuer;
  private static HttpServer receiver;

  @BeforeAll
  static void gatherThem(KeyledgerProcess shared) throws IOException {
    keyledger = shared;
    issuer = shared.issuer();
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
          }
        });
    receiver.start();
    SECRETS.put(Who.WITH_A_MALFORMED_ONE, UNKNOWN_SECRET.replace("LZ20", "LZ21"));
    SECRETS.put(Who.WITH_AN_UNKNOWN_ONE, UNKNOWN_SECRET);
    SECRETS.put(Who.CUSTOMER, issuer.issued("*:*").secret());
    SECRETS.put(Who.ROOT, shared.rootKey());
    String workspace = "{\"workspace\": \"%s\"}".formatted(WORKSPACE);
    assertThat(shared.root().post("/v1/workspaces", workspace).status()).isEqualTo(201);
    IssuedKey expired = issuer.issuedWith("\"lifetime\": \"PT1S\"", "keyledger:*", "*:*");
    SECRETS.put(Who.EXPIRED, expired.secret());
    SECRETS.put(Who.REVOKED, mighty("revoke", "{}"));
    SECRETS.put(Who.SUSPENDED, mighty("suspend", "{}"));
    workspace = "{\"workspace\": \"%s\"}".formatted(ELSEWHERE);
    assertThat(shared.root().post("/v1/workspaces", workspace).status()).isEqualTo(201);
    Client elsewhere = shared.root().header("Keyledger-Workspace", ELSEWHERE);
    SECRETS.put(Who.ELSEWHERE, new Issuer(elsewhere).issued("keyledger:*", "*:*").secret());
    SECRETS.put(Who.ROTATED_OUT, mighty("rotate", "{\"overlap\": \"PT0S\"}"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> issuer.codeOf(expired.secret()).equals("EXPIRED"));
  }

  /** Returns the secret of an operator with all permissions, after a command on the key. */
  private static String mighty(String command, String body) {
    IssuedKey key = issuer.issued("keyledger:*", "*:*");
    issuer.done(key, command, body);
    return key.secret();
  }

  static Stream<Operation> operations() {
    return Contract.KEYLEDGER.all().stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void isForThoseWhoMay(Operation operation) {
    var wrong = new ArrayList<String>();
    IssuedKey untouched = issuer.issued("read:users");
    for (Port port : Port.values()) {
      if (port == Port.MAIN || ON_BOTH_PORTS.contains(operation.path())) {
        for (Who who : Who.values()) {
          expected(who, operation)
              .forEach(expected -> {
                boolean served = expected.code().isEmpty();
                IssuedKey about = served ? prepared(operation) : untouched;
                compare(sent(client(who, operation, port), operation, about), expected)
                    .ifPresent(what ->
                        wrong.add("%s as %s on %s: %s".formatted(operation, who, port, what)));
              });
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** Returns the difference between an answer and the expected one; empty if there is none. */
  private static Optional<String> compare(Answer answer, Expected expected) {
    boolean silent = answer.text().isEmpty() || expected.code().isEmpty();
    String code = silent ? expected.code() : codeOf(answer);
    return answer.status() == expected.status() && code.equals(expected.code())
        ? Optional.empty()
        : Optional.of("%s, but was %d %s".formatted(expected, answer.status(), answer.text()));
  }

  /** Returns the expected answer; empty if the combination makes no sense. */
  private static Stream<Expected> expected(Who who, Operation operation) {
    Rights.Right right = Rights.of(operation);
    var served = new Expected(right.status(), "");
    return switch (right.needs()) {
      case Rights.ANYBODY -> Stream.of(served);
      case Rights.GITHUB -> Stream.of(new Expected(401, "unauthorized"));
      case Rights.ANYBODY_OR_OPERATOR ->
          who == Who.WITHOUT_CREDENTIAL || who.isOperator()
              ? Stream.of(served)
              : Stream.of(new Expected(401, "unauthorized"));
      case Rights.HOLDER ->
          switch (who) {
            case CUSTOMER, PERMITTED -> Stream.of(served);
            case WITHOUT_THE_PERMISSION -> Stream.of(new Expected(403, "forbidden"));
            case ELSEWHERE_BY_HEADER -> Stream.of(served); // a client's own header is ignored
            default -> Stream.of(new Expected(401, "unauthorized"));
          };
      case Rights.SELF ->
          switch (who) {
            case CUSTOMER, SUSPENDED, EXPIRED -> seenByItself(operation, served);
            case WITHOUT_CREDENTIAL, WITH_A_MALFORMED_ONE, WITH_AN_UNKNOWN_ONE, REVOKED ->
                Stream.of(new Expected(401, "unauthorized"));
            case ROOT ->
                Stream.of(
                    operation.name().equals("GET /v1/self")
                        ? served
                        : new Expected(401, "unauthorized"));
            case ROTATED_OUT -> Stream.of(new Expected(401, "unauthorized"));
            default -> Stream.empty(); // an operator is a holder like all others
          };
      default ->
          switch (who) {
            case ROOT -> Stream.of(served);
            case PERMITTED -> right.isPermission() ? Stream.of(served) : Stream.empty();
            case ELSEWHERE -> Stream.of(seenFromElsewhere(operation, right));
            case WITHOUT_THE_PERMISSION, ELSEWHERE_BY_HEADER ->
                Stream.of(refusal(operation, 403, "forbidden", "insufficient_scope"));
            default -> Stream.of(refusal(operation, 401, "unauthorized", "invalid_client"));
          };
    };
  }

  /**
   * Returns the answers to a key about itself: its holder may read it; the policy allows nothing
   * else.
   */
  private static Stream<Expected> seenByItself(Operation operation, Expected served) {
    return switch (operation.path()) {
      case "/v1/self" -> Stream.of(served);
      case "/v1/self/revoke" -> Stream.empty(); // would revoke a key that others present
      default -> Stream.of(new Expected(403, "forbidden"));
    };
  }

  /**
   * Returns the answer about a key of another workspace, which is the same as for an unknown one.
   */
  private static Expected seenFromElsewhere(Operation operation, Rights.Right right) {
    if (right.needs().equals(Rights.ROOT)) {
      return new Expected(403, "forbidden");
    }
    return Stream.of("{keyId}", "{webhookId}", "{position}", "/proofs/inclusion")
            .anyMatch(operation.path()::contains)
        ? new Expected(404, "not-found")
        : new Expected(right.status(), "");
  }

  private static Expected refusal(Operation operation, int status, String code, String oauth) {
    return new Expected(status, operation.path().startsWith("/oauth2/") ? oauth : code);
  }

  private static Client client(Who who, Operation operation, Port port) {
    Client anybody = keyledger.client(port);
    return switch (who) {
      case WITHOUT_CREDENTIAL -> anybody;
      case WITHOUT_THE_PERMISSION -> anybody.bearer(issued(but(Rights.of(operation))));
      case PERMITTED -> anybody.bearer(issued(just(Rights.of(operation))));
      case ELSEWHERE_BY_HEADER ->
          anybody
              .bearer(issued(just(Rights.of(operation))))
              .header("Keyledger-Workspace", "elsewhere");
      default -> anybody.bearer(Objects.requireNonNull(SECRETS.get(who)));
    };
  }

  private static String issued(List<String> permissions) {
    return issuer.issued(permissions.toArray(String[]::new)).secret();
  }

  /** Returns the required permissions, and the right to grant whatever is on a key. */
  private static List<String> just(Rights.Right right) {
    return switch (right.needs()) {
      case Rights.HOLDER, Rights.GITHUB, Rights.ANYBODY -> List.of("read:users");
      case Rights.ANYBODY_OR_OPERATOR -> List.of("keyledger:verify");
      case Rights.ROOT -> List.of("keyledger:*");
      default -> right.permissions();
    };
  }

  /** Returns all other permissions that any operation needs. */
  private static List<String> but(Rights.Right right) {
    return switch (right.needs()) {
      case Rights.HOLDER, Rights.GITHUB, Rights.ANYBODY -> List.of("read:orders");
      case Rights.ANYBODY_OR_OPERATOR -> List.of("keyledger:verify");
      case Rights.ROOT -> List.of("keyledger:*");
      default ->
          Stream.concat(
                  Stream.of("keyledger:grant:*"),
                  Rights.all()
                      .filter(Rights.Right::isPermission)
                      .flatMap(other -> other.anyOf().stream())
                      .filter(permission -> !right.anyOf().contains(permission))
                      .distinct())
              .toList();
    };
  }

  /** Returns a key on which the operation can be carried out. */
  private static IssuedKey prepared(Operation operation) {
    IssuedKey key = issuer.issued("read:users");
    Rights.of(operation).prepare(key, issuer);
    return key;
  }

  /** Returns the request as the document shows it. */
  private static Answer sent(Client client, Operation operation, IssuedKey about) {
    String webhook = operation.path().contains("{webhookId}") ? webhook() : "";
    String position = about.answer().header("Keyledger-Position");
    String path =
        operation.pathWith(
                Map.of(
                    "keyId",
                    about.id(),
                    "webhookId",
                    webhook,
                    "deliveryId",
                    operation.path().contains("{deliveryId}") ? delivered(webhook) : "",
                    "workspace",
                    WORKSPACE,
                    "type",
                    "app",
                    "id",
                    "nobody",
                    "token",
                    position,
                    "position",
                    position,
                    "level",
                    "0",
                    "index",
                    "000.p/1"))
            + Rights.of(operation).query().replace("{position}", position);
    return operation
        .sample()
        .map(body ->
            client
                .header("Content-Type", body.mediaType())
                .send(operation.method(), path, BodyPublishers.ofString(body.text())))
        .orElseGet(() ->
            (path.startsWith("/v1/log/") ? client.header("Keyledger-At-Least", position) : client)
                .send(operation.method(), path, BodyPublishers.noBody()));
  }

  /** Returns a new webhook, whose receiver accepts everything. */
  private static String webhook() {
    var answer =
        keyledger
            .root()
            .post(
                "/v1/webhooks",
                "{\"types\": [\"WorkspaceClosed\"], \"url\": \"http://127.0.0.1:%d/\"}"
                    .formatted(receiver.getAddress().getPort()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.body().path("webhookId").asString();
  }

  /** Returns a delivery of the webhook that has arrived. */
  private static String delivered(String webhook) {
    String path = "/v1/webhooks/" + webhook;
    String delivery =
        keyledger.root().post(path + "/test", "{}").body().path("deliveryId").asString();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            !keyledger
                .root()
                .get(path + "/deliveries?status=delivered")
                .body()
                .path("data")
                .isEmpty());
    return delivery;
  }

  /** Deletes the webhooks, because a workspace has a hundred at most. */
  @BeforeEach
  void deleteWebhooks() {
    keyledger
        .root()
        .get("/v1/webhooks")
        .body()
        .path("data")
        .forEach(
            one -> keyledger.root().delete("/v1/webhooks/" + one.path("webhookId").asString()));
  }

  @AfterAll
  static void stopReceiver() {
    receiver.stop(0);
  }

  private static String codeOf(Answer answer) {
    return answer.body().path("code").asString(answer.body().path("error").asString(""));
  }
}
