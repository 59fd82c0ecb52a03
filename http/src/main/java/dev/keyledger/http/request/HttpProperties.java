package dev.keyledger.http.request;

import dev.keyledger.access.SourceQuota;
import dev.keyledger.verification.decision.IpAllowList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the HTTP interface.
 *
 * @param trustedProxies CIDR ranges whose {@code X-Forwarded-For} is trusted; none by default
 * @param floods limits for what each source may do without a valid credential
 */
@ConfigurationProperties("keyledger")
record HttpProperties(@DefaultValue List<String> trustedProxies, @DefaultValue Floods floods) {
  /**
   * @throws IllegalArgumentException if a range is invalid
   */
  HttpProperties {
    // A blank variable is one blank element.
    trustedProxies = trustedProxies.equals(List.of("")) ? List.of() : List.copyOf(trustedProxies);
    try {
      IpAllowList.parse(trustedProxies);
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException("KEYLEDGER_TRUSTED_PROXIES: " + invalid.getMessage());
    }
  }

  /**
   * The limits of one source on one node. Each is from 1 to {@value SourceQuota#AMOUNT_MAX}.
   *
   * @param failuresPerSecond failed credentials per second
   * @param failuresBurst failed credentials at once
   * @param secretsPerSecond secrets in leak reports and revocations per second
   * @param secretsBurst secrets in leak reports and revocations at once
   */
  record Floods(
      @DefaultValue("100") Long failuresPerSecond,
      @DefaultValue("1000") Long failuresBurst,
      @DefaultValue("1000") Long secretsPerSecond,
      @DefaultValue("10000") Long secretsBurst) {
    /**
     * @throws IllegalArgumentException if a limit is out of range
     */
    Floods {
      requireInRange("FAILURES_PER_SECOND", failuresPerSecond);
      requireInRange("FAILURES_BURST", failuresBurst);
      requireInRange("SECRETS_PER_SECOND", secretsPerSecond);
      requireInRange("SECRETS_BURST", secretsBurst);
    }

    private static void requireInRange(String name, long amount) {
      if (amount < 1 || amount > SourceQuota.AMOUNT_MAX) {
        throw new IllegalArgumentException(
            "KEYLEDGER_FLOODS_%s must be from 1 to %d".formatted(name, SourceQuota.AMOUNT_MAX));
      }
    }

    SourceQuota failures() {
      return new SourceQuota("failures", failuresPerSecond, failuresBurst);
    }

    SourceQuota secrets() {
      return new SourceQuota("secrets", secretsPerSecond, secretsBurst);
    }
  }
}
