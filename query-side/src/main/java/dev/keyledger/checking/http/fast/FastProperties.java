package dev.keyledger.checking.http.fast;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the fast listener.
 *
 * @param fastPort its port; 0 disables it
 */
@ConfigurationProperties("keyledger")
record FastProperties(@DefaultValue("8090") Integer fastPort) {
  private static final int PORT_MAX = 65_535;

  /**
   * @throws IllegalArgumentException if the port is out of range
   */
  FastProperties {
    if (fastPort < 0 || fastPort > PORT_MAX) {
      throw new IllegalArgumentException("KEYLEDGER_FAST_PORT must be from 0 to " + PORT_MAX);
    }
  }
}
