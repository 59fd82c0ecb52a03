package dev.keyledger.http.request;

import dev.keyledger.access.Quota;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.conditions.IpAllowList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the HTTP interface.
 *
 * @param trustedProxies CIDR ranges whose {@code X-Forwarded-For} is trusted; none by default
 * @param limits the limits of each source without a valid credential
 */
@ConfigurationProperties("keyledger")
record HttpProperties(@DefaultValue List<String> trustedProxies, @DefaultValue Limits limits) {
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
   * The limits of one source on one node. Each is from 1 to {@value Quota#PER_SECOND_MAX}; the
   * burst is {@value Quota#BURST_SECONDS} times that.
   *
   * @param failuresPerSource failed credentials per second
   * @param secretsPerSource secrets in leak reports and revocations per second
   */
  record Limits(
      @DefaultValue("100") Long failuresPerSource, @DefaultValue("1000") Long secretsPerSource) {
    /**
     * @throws IllegalArgumentException if a limit is out of range
     */
    Limits {
      requireInRange("FAILURES", failuresPerSource);
      requireInRange("SECRETS", secretsPerSource);
    }

    private static void requireInRange(String what, long perSecond) {
      if (perSecond < 1 || perSecond > Quota.PER_SECOND_MAX) {
        throw new IllegalArgumentException(
            "KEYLEDGER_LIMITS_%s_PER_SOURCE must be from 1 to %d"
                .formatted(what, Quota.PER_SECOND_MAX));
      }
    }

    SourceQuota failures() {
      return quota("failures", failuresPerSource);
    }

    SourceQuota secrets() {
      return quota("secrets", secretsPerSource);
    }

    private static SourceQuota quota(String name, long perSecond) {
      return new SourceQuota(name, perSecond, perSecond * Quota.BURST_SECONDS);
    }
  }
}
