package dev.keyledger.standalone.contract;

import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The rights to each operation, and the answers without them, as the OpenAPI document describes
 * them.
 *
 * @see MatrixIT which compares the code with it
 */
final class Rights {
  /** The right of an operation that needs no credential. */
  static final String ANYBODY = "anybody";

  /** The same, but a presented credential must be an operator's. */
  static final String ANYBODY_OR_OPERATOR = "anybody or an operator";

  /** The right of the target key itself. */
  static final String HOLDER = "holder";

  /** The credential is the key that asks about itself. */
  static final String SELF = "self";

  /** The right of requests that GitHub signs; no credential helps. */
  static final String GITHUB = "GitHub";

  /** The right of the root key alone. */
  static final String ROOT = "root";

  /** The parts of a good request that the document does not show. */
  private static final Map<String, Request> REQUESTS =
      Map.of(
          "POST /v1/keys/{keyId}/retire-secret", new Request("", "rotate"),
          "POST /v1/keys/{keyId}/resume", new Request("", "suspend"),
          "POST /v1/keys/{keyId}/cancel-plan",
              new Request("", "revoke", "{\"effectiveAt\": \"2099-01-01T00:00:00Z\"}"),
          "GET /v1/keys/{keyId}/at", new Request("?time={now}", ""),
          "GET /v1/log/proofs/inclusion", new Request("?position={position}", ""),
          "GET /v1/log/proofs/consistency", new Request("?from=0", ""),
          "GET /v1/permissions/holders", new Request("?permission=read:users", ""),
          "GET /v1/forward-auth", new Request("?permission=read:users", ""),
          "HEAD /v1/forward-auth", new Request("?permission=read:users", ""),
          "POST /v1/forward-auth", new Request("?permission=read:users", ""));

  /**
   * The additional parts of a good request.
   *
   * @param query with {@code ?}; or empty; {@code {now}} is a time
   * @param before the command that is sent to the key before; or empty
   * @param body the body of that command
   */
  private record Request(String query, String before, String body) {
    static final Request PLAIN = new Request("", "");

    Request(String query, String before) {
      this(query, before, "{}");
    }
  }

  /**
   * A right.
   *
   * @param needs one of the above, or the permission that an operator must hold, without {@code
   *     keyledger:}; or several of which one suffices, separated by {@code or}
   * @param status the status of the answer to an authorized caller
   */
  record Right(String needs, int status, Request request) {
    boolean isPermission() {
      return !Set.of(ANYBODY, ANYBODY_OR_OPERATOR, HOLDER, SELF, GITHUB, ROOT).contains(needs);
    }

    /** Returns the query of a good request, with {@code ?}; or empty. */
    String query() {
      return request.query.replace("{now}", Instant.now().toString());
    }

    /** Prepares the key. */
    void prepare(IssuedKey key, Issuer issuer) {
      if (!request.before.isEmpty()) {
        issuer.done(key, request.before, request.body);
      }
    }

    /** Returns the permissions of which an operator must hold one. */
    List<String> anyOf() {
      return Stream.of(needs.split(" or ")).map(need -> "keyledger:" + need).toList();
    }

    /** Returns the permissions of an operator that may do this alone, whatever is on the key. */
    List<String> permissions() {
      return List.of(anyOf().getFirst(), "keyledger:grant:*");
    }
  }

  private Rights() {}

  static Stream<Right> all() {
    return Contract.KEYLEDGER.all().stream().map(Rights::of);
  }

  static Right of(Operation operation) {
    return new Right(
        operation.needs().isEmpty() ? needsWithoutPermission(operation) : operation.needs(),
        operation.successStatus(),
        REQUESTS.getOrDefault(operation.name(), Request.PLAIN));
  }

  /** Returns the operations for which a request needs more than the documented parts. */
  static Set<String> prepared() {
    return REQUESTS.keySet();
  }

  private static String needsWithoutPermission(Operation operation) {
    JsonNode security = operation.description().path("security");
    if (security.isMissingNode()) {
      return ROOT;
    }
    if (security.isEmpty()) {
      return ANYBODY;
    }
    if (security.path(0).has("github")) {
      return GITHUB;
    }
    if (operation.path().startsWith("/v1/self")) {
      return SELF;
    }
    return security.valueStream().anyMatch(JsonNode::isEmpty) ? ANYBODY_OR_OPERATOR : HOLDER;
  }
}
