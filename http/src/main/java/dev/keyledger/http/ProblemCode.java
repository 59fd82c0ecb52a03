package dev.keyledger.http;

import java.util.Locale;

/** The ways in which a request can fail, each with a stable code, a status and a title. */
public enum ProblemCode {
  BAD_REQUEST(400, "The request cannot be understood"),
  INVALID_POSITION_TOKEN(400, "The position token is none of this store's"),
  UNAUTHORIZED(401, "The credential is missing or not good"),
  FORBIDDEN(403, "The credential does not permit this"),
  PERMISSION_CEILING(403, "The key would hold more than its issuer may grant"),
  NOT_FOUND(404, "There is no such thing"),
  METHOD_NOT_ALLOWED(405, "The method does not exist here"),
  NOT_ACCEPTABLE(406, "No representation that the client accepts"),
  REQUEST_TIMEOUT(408, "The request arrived too slowly"),
  KEY_REVOKED(409, "The key is revoked"),
  KEY_EXPIRED(409, "The key has expired"),
  KEY_NOT_SUSPENDED(409, "The key is not suspended"),
  ROTATION_IN_PROGRESS(409, "An earlier secret is still alive"),
  RENEWAL_WINDOW_CLOSED(409, "The key can no longer be renewed"),
  DIGEST_ALREADY_KNOWN(409, "The secret was used before"),
  HISTORY_FULL(409, "The key has as many events as it may have"),
  WORKSPACE_EXISTS(409, "The workspace exists"),
  WORKSPACE_CLOSED(409, "The workspace is closed"),
  QUOTA_EXCEEDED(409, "The workspace is full"),
  CONFLICT(409, "Somebody else changed the same thing at the same time"),
  IDEMPOTENCY_IN_FLIGHT(409, "The same request is still being worked on"),
  VERSION_MISMATCH(412, "It has changed in the meantime"),
  TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body is not of the expected media type"),
  EXPECTATION_FAILED(417, "The expectation cannot be met"),
  INVALID_FIELD(422, "A field is outside its limits"),
  LIFETIME_NOT_ALLOWED(422, "The lifetime is outside its limits"),
  PERMISSION_NOT_ALLOWED(422, "The workspace does not allow this permission"),
  EXPIRY_WOULD_SHORTEN(422, "The renewal would shorten the key's life"),
  IDEMPOTENCY_KEY_REUSED(422, "The Idempotency-Key was used for another request"),
  RATE_LIMITED(429, "Too many requests"),
  HEADERS_TOO_LARGE(431, "The headers are too large"),
  INTERNAL_ERROR(500, "Something broke on our side"),
  NOT_YET_APPLIED(503, "This node has not seen that position yet"),
  STALE(503, "This node has lost touch with the log"),
  STORE_UNAVAILABLE(503, "The store cannot be reached; nothing was done"),
  OUTCOME_UNKNOWN(503, "It is not known whether the command was recorded");

  private final int status;
  private final String title;

  ProblemCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** Returns the code on the wire. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the HTTP status. */
  public int status() {
    return status;
  }

  /** Returns a short sentence, the same for every occurrence. */
  public String title() {
    return title;
  }
}
