package dev.keyledger.checking.http.extauthz;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of Envoy's external authorization.
 *
 * @param extAuthzPort its port; 0 disables it
 */
@ConfigurationProperties("keyledger")
record ExtAuthzProperties(@DefaultValue("0") Integer extAuthzPort) {
  private static final int PORT_MAX = 65_535;

  /**
   * @throws IllegalArgumentException if the port is out of range
   */
  ExtAuthzProperties {
    if (extAuthzPort < 0 || extAuthzPort > PORT_MAX) {
      throw new IllegalArgumentException("KEYLEDGER_EXT_AUTHZ_PORT must be from 0 to " + PORT_MAX);
    }
  }
}
