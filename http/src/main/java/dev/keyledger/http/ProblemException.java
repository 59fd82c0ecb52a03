package dev.keyledger.http;

import dev.keyledger.access.SourceQuota;
import java.util.List;

/** Ends a request with a problem (RFC 9457). Carries no stack trace: it is an answer, no defect. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ProblemCode code;
  private final transient List<FieldError> errors;
  private final transient List<HttpAnswer.Header> headers;

  /**
   * @param detail what is wrong, in words for people; never a secret, never text of the client's
   * @param errors the fields that are wrong; empty if it is none of them
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

  /** A request that cannot be parsed because of one field. */
  public static ProblemException unreadable(String field, String message) {
    return new ProblemException(
        ProblemCode.BAD_REQUEST, field + " " + message, List.of(new FieldError(field, message)));
  }

  /** A body that has more bytes than that. */
  public static ProblemException tooLarge(int bytesMax) {
    return new ProblemException(
        ProblemCode.TOO_LARGE, "The body may have " + bytesMax + " bytes at most.");
  }

  /** A request of a source that has used up a quota, or used a part of it; the answer says so. */
  static ProblemException counted(
      ProblemCode code, String detail, SourceQuota quota, SourceQuota.Usage usage) {
    return new ProblemException(code, detail, List.of(), RateLimit.headers(quota, usage));
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

  /** What the answer's head says besides. */
  public List<HttpAnswer.Header> headers() {
    return headers;
  }
}
