package dev.keyledger.http.request;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses query strings strictly: the container's own parser drops what it cannot read. */
public final class QueryString {
  private QueryString() {}

  /**
   * Returns the parameters in the order of their first appearance, each with all its values.
   *
   * @param query the raw text after the question mark; null counts as empty
   * @throws ProblemException with {@code bad-request} if a parameter has no name or no equals sign,
   *     or is malformed
   */
  public static Map<String, List<String>> parse(@Nullable String query) {
    if (query == null || query.isEmpty()) {
      return Map.of();
    }
    var parameters = new LinkedHashMap<String, List<String>>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new ProblemException(
            ProblemCode.BAD_REQUEST, "Query parameters must be name=value, joined by &.");
      }
      parameters
          .computeIfAbsent(decode(pair.substring(0, equals)), _ -> new ArrayList<>())
          .add(decode(pair.substring(equals + 1)));
    }
    return parameters;
  }

  private static String decode(String text) {
    try {
      String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
      if (decoded.indexOf('\uFFFD') < 0 && decoded.indexOf('\0') < 0) {
        return decoded;
      }
    } catch (IllegalArgumentException malformed) {
      // falls through to the one refusal
    }
    throw new ProblemException(ProblemCode.BAD_REQUEST, "The query is not encoded as it must be.");
  }
}
