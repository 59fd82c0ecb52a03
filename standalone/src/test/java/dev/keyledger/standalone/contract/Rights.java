package dev.keyledger.standalone.contract;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who may carry out each operation, and how it then answers. Written down beside the OpenAPI
 * document, not read from it: the document says what it is held to here. An operation without a row
 * fails the build.
 */
final class Rights {
  /** Nobody is asked who they are. */
  static final String ANYBODY = "anybody";

  /** Likewise; but who presents a credential is an operator, or refused. */
  static final String ANYBODY_OR_OPERATOR = "anybody or an operator";

  /** The credential is the key that is asked about. */
  static final String HOLDER = "holder";

  /** Only the root key may. */
  static final String ROOT = "root";

  /**
   * A row.
   *
   * @param needs one of the above, or the permission that an operator must hold, without {@code
   *     keyledger:}
   * @param status of the answer to whoever may
   * @param query of a request that is good, with {@code ?}; or empty; {@code {now}} is a time
   * @param before what is done to the key before: a command without a body; or empty
   */
  record Right(String needs, int status, String query, String before) {
    boolean isPermission() {
      return !Set.of(ANYBODY, ANYBODY_OR_OPERATOR, HOLDER, ROOT).contains(needs);
    }

    @Override
    public String query() {
      return query.replace("{now}", Instant.now().toString());
    }

    /** What an operator holds who may just this, whatever is on the key. */
    List<String> permissions() {
      return List.of("keyledger:" + needs, "keyledger:grant:*");
    }
  }

  private static final Map<String, Right> ROWS = new TreeMap<>();

  static {
    row("POST /v1/keys", "keys:issue", 201);
    row("POST /v1/keys/import", "keys:import", 200);
    row("POST /v1/keys/{keyId}/renew", "keys:renew", 200);
    row("POST /v1/keys/{keyId}/rotate", "keys:rotate", 200);
    row("POST /v1/keys/{keyId}/retire-secret", "keys:rotate", 200, "", "rotate");
    row("POST /v1/keys/{keyId}/suspend", "keys:suspend", 200);
    row("POST /v1/keys/{keyId}/resume", "keys:suspend", 200, "", "suspend");
    row("POST /v1/keys/{keyId}/revoke", "keys:revoke", 200);
    row("PUT /v1/keys/{keyId}/permissions", "keys:change", 200);
    row("PUT /v1/keys/{keyId}/restrictions", "keys:change", 200);
    row("PATCH /v1/keys/{keyId}", "keys:change", 200);
    row("POST /v1/keys/{keyId}/transfer", "keys:change", 200);
    row("POST /v1/owners/{type}/{id}/revoke-keys", "keys:revoke", 200);
    row("POST /v1/leaks", ANYBODY_OR_OPERATOR, 202);
    row("POST /oauth2/revoke", ANYBODY, 200);
    row("POST /v1/workspaces", ROOT, 201);
    row("GET /v1/workspaces", ROOT, 200);
    row("GET /v1/workspaces/{workspace}", ROOT, 200);
    row("PATCH /v1/workspaces/{workspace}", ROOT, 200);
    row("POST /v1/workspaces/{workspace}/close", ROOT, 200);

    row("GET /v1/keys/{keyId}", "keys:read", 200);
    row("GET /v1/keys/{keyId}/history", "audit:read", 200);
    row("GET /v1/keys/{keyId}/at", "audit:read", 200, "?time={now}", "");
    row("GET /v1/keys", "keys:read", 200);
    row("GET /v1/keys/expiring", "keys:read", 200);
    row("GET /v1/audit", "audit:read", 200);
    row("GET /v1/audit/export", "audit:read", 200);
    row("GET /v1/positions/{token}/applied", "audit:read", 200);

    row("POST /v1/verify", "verify", 200);
    row("POST /v1/verify/batch", "verify", 200);
    row("POST /v1/verify/at", "audit:read", 200);
    row("GET /v1/forward-auth", HOLDER, 204, "?permission=read:users", "");
    row("HEAD /v1/forward-auth", HOLDER, 204, "?permission=read:users", "");
    row("POST /v1/forward-auth", HOLDER, 204, "?permission=read:users", "");
    row("POST /oauth2/introspect", "verify", 200);
  }

  private Rights() {}

  /** All rows, by the name of the operation. */
  static Map<String, Right> rows() {
    return Map.copyOf(ROWS);
  }

  static Right of(Operation operation) {
    return Objects.requireNonNull(ROWS.get(operation.name()), "no row for " + operation);
  }

  private static void row(String operation, String needs, int status) {
    row(operation, needs, status, "", "");
  }

  private static void row(String operation, String needs, int status, String query, String before) {
    ROWS.put(operation, new Right(needs, status, query, before));
  }
}
