package dev.keyledger.http.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header that identifies a command, so that it is executed only once, however often it is
 * sent.
 */
final class IdempotencyKey {
  private static final String HEADER = "Idempotency-Key";
  private static final Pattern FORM = Pattern.compile("[ -~]{16,255}");
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private IdempotencyKey() {}

  /**
   * Returns the key of a command, 16 to 255 printable ASCII characters, or null if there is none.
   *
   * @throws ProblemException with {@code bad-request} if it is malformed
   */
  static @Nullable String of(ApiRequest request) {
    String key = request.header(HEADER);
    if (key != null && !FORM.matcher(key).matches()) {
      throw ProblemException.unreadable(HEADER, "must have 16 to 255 printable ASCII characters");
    }
    return key;
  }

  /**
   * Returns the parts that identical commands of one caller share, in a fixed order.
   *
   * @param query the parameters that matter, in a fixed order; empty if there are none
   * @param body an empty body equals an empty object
   */
  static List<byte[]> commandParts(ApiRequest request, String query, byte[] body) {
    String ifMatch = request.header("If-Match");
    return List.of(
        request.method().getBytes(UTF_8),
        (query.isEmpty() ? request.path() : request.path() + "?" + query).getBytes(UTF_8),
        (ifMatch == null ? "" : ifMatch).getBytes(UTF_8),
        body.length == 0 ? EMPTY_OBJECT : body);
  }
}
