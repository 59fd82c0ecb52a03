package dev.keyledger.http.request;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a form. As OAuth 2.0 requires (RFC 6749 section 3.2), a field without a value
 * counts as absent, and unknown fields are ignored. Its text form shows nothing: a field may be a
 * secret.
 */
public final class FormBody {
  private final Map<String, List<String>> fields = new HashMap<>();

  /**
   * @param body {@code application/x-www-form-urlencoded}
   * @throws ProblemException with {@code bad-request} if it is malformed
   */
  FormBody(byte[] body) {
    for (String pair : new String(body, StandardCharsets.UTF_8).split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && equals < pair.length() - 1) {
        fields
            .computeIfAbsent(decode(pair.substring(0, equals)), _ -> new ArrayList<>())
            .add(decode(pair.substring(equals + 1)));
      }
    }
  }

  /**
   * Returns the value of a field, or null if it is absent.
   *
   * @throws ProblemException with {@code bad-request} if it is repeated
   */
  public @Nullable String optional(String name) {
    return fields.containsKey(name) ? required(name) : null;
  }

  /**
   * Returns the parsed value of a field, or null if it is absent.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   * @throws ProblemException with {@code bad-request} if it is repeated or cannot be parsed
   */
  public <T> @Nullable T optional(String name, Function<String, T> parse) {
    String text = optional(name);
    try {
      return text == null ? null : parse.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable(name, String.valueOf(wrong.getMessage()));
    }
  }

  /**
   * Returns the value of a field.
   *
   * @throws ProblemException with {@code bad-request} if it is absent or repeated
   */
  public String required(String name) {
    List<String> values = fields.getOrDefault(name, List.of());
    if (values.size() != 1) {
      throw ProblemException.unreadable(name, "must be given once");
    }
    return values.getFirst();
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The form is not encoded as it must be.");
    }
  }

  @Override
  public String toString() {
    return "FormBody[redacted]";
  }
}
