package dev.keyledger.http.request;

import dev.keyledger.access.Quota;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;

/**
 * Counts, by address, requests without a valid credential, and lookups of secrets to end. A valid
 * credential is never counted, so that a flood of invalid ones does not affect it. Thread-safe.
 */
public final class SourceLimits {
  private final ClientAddress addresses;
  private final SourceQuota failures;
  private final SourceQuota secrets;

  /**
   * @param failures the limit on invalid credentials of an address
   * @param secrets the limit on secrets that are looked up for an address
   */
  public SourceLimits(ClientAddress addresses, SourceQuota failures, SourceQuota secrets) {
    this.addresses = addresses;
    this.failures = failures;
    this.secrets = secrets;
  }

  /** Counts a request without a valid credential. */
  public Quota.Usage countFailure(ApiRequest request) {
    return failures.take(addresses.of(request), 1);
  }

  /**
   * Counts a request without a valid credential, and returns its refusal: {@code unauthorized}, or
   * {@code rate-limited} after too many.
   */
  ProblemException unauthorized(ApiRequest request) {
    Quota.Usage usage = countFailure(request);
    return usage.granted()
        ? ProblemException.counted(
            ProblemCode.UNAUTHORIZED,
            "Send a credential that is good here as Authorization: Bearer.",
            failures,
            usage)
        : ProblemException.counted(
            ProblemCode.RATE_LIMITED,
            "Too many credentials of this source were not good; wait a moment.",
            failures,
            usage);
  }

  /**
   * Counts secrets that are looked up.
   *
   * @throws ProblemException with {@code rate-limited} if the address has sent too many
   */
  void countSecrets(ApiRequest request, long count) {
    Quota.Usage usage = secrets.take(addresses.of(request), count);
    if (!usage.granted()) {
      throw ProblemException.counted(
          ProblemCode.RATE_LIMITED,
          "This source has sent too many secrets; wait a moment.",
          secrets,
          usage);
    }
  }
}
