package dev.keyledger.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorizationDeniedException;

/**
 * The answer to a refused request: a problem (RFC 9457) with a challenge (RFC 6750). It does not
 * reveal why a key is invalid.
 *
 * @param headers besides those of the body
 * @param json of the type {@code application/problem+json}
 */
record Refusal(int status, Map<String, String> headers, String json) {
  static final String MEDIA_TYPE = "application/problem+json";

  private static final String CHALLENGE = "WWW-Authenticate";

  /** The refusal of a request without a valid key. */
  static final Refusal UNAUTHORIZED =
      of(401, "Unauthorized", "unauthorized", "Send one key that is good here.")
          .with(CHALLENGE, "Bearer");

  /** The refusal of a request while no decision can be made. */
  static final Refusal UNAVAILABLE =
      of(503, "Service Unavailable", "unavailable", "The key cannot be checked at present.")
          .with("Retry-After", "1");

  private static final Refusal FORBIDDEN =
      of(403, "Forbidden", "forbidden", "The key does not hold what is required.");

  /** Returns the refusal of a valid key that lacks a permission, with the scope if it is known. */
  static Refusal forbidden(@Nullable AccessDeniedException denied) {
    String scope =
        denied instanceof AuthorizationDeniedException decided
                && decided.getAuthorizationResult()
                    instanceof RequiredPermissions.Judgement judgement
            ? ", scope=\"" + judgement.scope() + "\""
            : "";
    return FORBIDDEN.with(CHALLENGE, "Bearer error=\"insufficient_scope\"" + scope);
  }

  byte[] body() {
    return json.getBytes(UTF_8);
  }

  private static Refusal of(int status, String title, String code, String detail) {
    String json =
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\",\"code\":\"%s\"}"
            .formatted(title, status, detail, code);
    return new Refusal(status, Map.of("Cache-Control", "no-store"), json);
  }

  private Refusal with(String name, String value) {
    var all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Refusal(status, all, json);
  }
}
