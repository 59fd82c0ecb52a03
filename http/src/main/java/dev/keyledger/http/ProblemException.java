package dev.keyledger.http;

import dev.keyledger.access.Quota;
import java.time.Duration;
import java.util.List;

/**
 * Thrown to end a request with a problem (RFC 9457). It has no stack trace, because it is not a
 * defect.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ProblemCode code;
  private final transient List<FieldError> errors;
  private final transient List<HttpAnswer.Header> headers;

  /**
   * @param detail a description for people; never a secret, never text of the client
   * @param errors the invalid fields; empty if there are none
   */
  public ProblemException(ProblemCode code, String detail, List<FieldError> errors) {
    this(code, detail, errors, List.of());
  }

  private ProblemException(
      ProblemCode code, String detail, List<FieldError> errors, List<HttpAnswer.Header> headers) {
    super(detail, null, false, false);
    this.code = code;
    this.errors = List.copyOf(errors);
    this.headers = List.copyOf(headers);
  }

  public ProblemException(ProblemCode code, String detail) {
    this(code, detail, List.of());
  }

  /** Returns the refusal of a request that cannot be parsed because of one field. */
  public static ProblemException unreadable(String field, String message) {
    return new ProblemException(
        ProblemCode.BAD_REQUEST, field + " " + message, List.of(new FieldError(field, message)));
  }

  /** Returns the refusal of a request whose client does not accept the only media type. */
  public static ProblemException notAcceptable(String mediaType) {
    return new ProblemException(ProblemCode.NOT_ACCEPTABLE, "Answers are " + mediaType + ".");
  }

  /** Returns the refusal of a body that is too long. */
  public static ProblemException tooLarge(int bytesMax) {
    return new ProblemException(
        ProblemCode.TOO_LARGE, "The body may have " + bytesMax + " bytes at most.");
  }

  /** Returns the refusal of a body with a content coding; none is supported. */
  public static ProblemException encoded() {
    return new ProblemException(
        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
        "The body must be sent as it is, without a Content-Encoding.",
        List.of(),
        List.of(new HttpAnswer.Header("Accept-Encoding", "identity")));
  }

  /** Returns the refusal of a request that was counted; its headers show the rest of the quota. */
  public static ProblemException counted(
      ProblemCode code, String detail, Quota<?> quota, Quota.Usage usage) {
    return new ProblemException(code, detail, List.of(), RateLimit.headers(quota, usage));
  }

  /** Returns the refusal of a request that can succeed later. */
  public static ProblemException rateLimited(String detail, Duration retryAfter) {
    String seconds = Long.toString(Math.max(1, retryAfter.toSeconds()));
    return new ProblemException(
        ProblemCode.RATE_LIMITED,
        detail,
        List.of(),
        List.of(new HttpAnswer.Header(RateLimit.RETRY_AFTER, seconds)));
  }

  public ProblemCode code() {
    return code;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public List<FieldError> errors() {
    return errors;
  }

  /** Returns the headers of the answer besides those of every problem. */
  public List<HttpAnswer.Header> headers() {
    return headers;
  }
}
