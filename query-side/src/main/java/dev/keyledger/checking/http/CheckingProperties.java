package dev.keyledger.checking.http;

import dev.keyledger.verification.secret.KeySecret;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of verification. Its text form shows no secret.
 *
 * @param gatewayToken token that gateways must send to {@code forward-auth}; empty: none
 * @param verification settings of the leases
 */
@ConfigurationProperties("keyledger")
record CheckingProperties(
    @DefaultValue("") String gatewayToken, @DefaultValue Verification verification) {
  /**
   * The settings of the leases.
   *
   * @param strictLease whether a node without a lease answers no check
   */
  record Verification(@DefaultValue("false") Boolean strictLease) {}

  /** Returns the token that gateways must send; null if none is required. */
  @Nullable KeySecret requiredToken() {
    return gatewayToken.isEmpty() ? null : KeySecret.of(gatewayToken);
  }

  @Override
  public String toString() {
    return "CheckingProperties[redacted]";
  }
}
