package dev.keyledger.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a form. As OAuth wants it (RFC 6749 section 3.2), a field without a value counts as
 * left out, and fields that nobody asks for are ignored. Prints as nothing: it may hold a secret.
 */
public final class FormBody {
  private final Map<String, List<String>> fields = new HashMap<>();

  /**
   * @param body {@code application/x-www-form-urlencoded}
   * @throws ProblemException with {@code bad-request} if it is encoded wrongly
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
   * The value of a field.
   *
   * @throws ProblemException with {@code bad-request} if it is missing or comes more than once
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
