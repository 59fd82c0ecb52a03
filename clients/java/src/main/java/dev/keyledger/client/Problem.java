package dev.keyledger.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error, as described by the service (RFC 9457). Holds no secret.
 *
 * @param type the path of a page that explains it, {@code /problems/<code>}
 * @param status the HTTP status
 * @param requestId identifies the request in the service's log; null within a batch
 * @param errors the invalid fields; empty if the error is not about fields
 */
public record Problem(
    ProblemCode code,
    String type,
    String title,
    int status,
    String detail,
    @Nullable String requestId,
    List<InvalidField> errors)
    implements CheckResult {

  /**
   * A field that is wrong.
   *
   * @param field its path, or the name of a header or parameter
   */
  public record InvalidField(String field, String message) {
    static InvalidField of(Fields fields) {
      return new InvalidField(fields.text("field"), fields.text("message"));
    }
  }

  static Problem of(Fields fields) {
    return new Problem(
        fields.constant("code", ProblemCode.OTHER),
        fields.text("type"),
        fields.text("title"),
        (int) fields.number("status"),
        fields.text("detail"),
        fields.optionalText("requestId"),
        fields.objects("errors", InvalidField::of));
  }

  @Override
  public String toString() {
    return status + " " + type + ": " + detail + (requestId == null ? "" : " (" + requestId + ")");
  }
}
