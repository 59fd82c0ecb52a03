package dev.keyledger.http.request;

import dev.keyledger.access.Quota;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;

/**
 * Counts per address the requests whose credential is missing or not good, and the work of looking
 * up secrets that are to be ended. A good credential is never counted, so that a flood of bad ones
 * costs it nothing. Thread-safe.
 */
public final class SourceLimits {
  private final ClientAddress addresses;
  private final SourceQuota failures;
  private final SourceQuota secrets;

  /**
   * @param failures how many credentials that are not good an address may present
   * @param secrets how many secrets an address may have looked up
   */
  public SourceLimits(ClientAddress addresses, SourceQuota failures, SourceQuota secrets) {
    this.addresses = addresses;
    this.failures = failures;
    this.secrets = secrets;
  }

  /** Counts a request whose credential is missing or not good. */
  public Quota.Usage countFailure(ApiRequest request) {
    return failures.take(addresses.of(request), 1);
  }

  /**
   * Counts a request whose credential is missing or not good, and returns its refusal: {@code
   * unauthorized}, or {@code rate-limited} after too many.
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
