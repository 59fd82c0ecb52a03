package dev.keyledger.node;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.verification.secret.KeyFormat;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationFormat;
import org.springframework.boot.convert.DurationStyle;

/**
 * The settings of every node.
 *
 * @param brand prefix of the secrets that this service mints
 * @param dataDir directory of index snapshots, of the embedded PostgreSQL and of generated secrets.
 *     A string, because Spring would look for a relative path on the class path first
 * @param nodeName name of this node in lists of nodes; blank: its host name and port
 * @param verification settings of verification
 */
@ConfigurationProperties("keyledger")
record NodeProperties(
    @DefaultValue("kl") String brand,
    @DefaultValue("data") String dataDir,
    @DefaultValue("") String nodeName,
    @DefaultValue Verification verification) {
  /**
   * @throws IllegalArgumentException if the brand or the name is invalid
   */
  NodeProperties {
    keyFormat(brand);
    if (!nodeName.isBlank()) {
      var _ = new NodeName(nodeName);
    }
  }

  /**
   * The settings of verification.
   *
   * @param maxStaleness the longest time for which a node without contact to the log answers checks
   */
  record Verification(
      @DefaultValue("PT1M") @DurationFormat(DurationStyle.ISO8601) Duration maxStaleness) {
    /**
     * @throws IllegalArgumentException if it is out of range
     */
    Verification {
      var _ = new MaxStaleness(maxStaleness);
    }
  }

  KeyFormat keyFormat() {
    return keyFormat(brand);
  }

  private static KeyFormat keyFormat(String brand) {
    return Variable.parse("KEYLEDGER_BRAND", () -> new KeyFormat(brand));
  }

  MaxStaleness maxStaleness() {
    return new MaxStaleness(verification.maxStaleness);
  }

  /**
   * Returns the name of this node.
   *
   * @param port its HTTP port, for the name of a node without a configured one
   */
  NodeName name(int port) {
    return nodeName.isBlank() ? NodeName.of(hostName(), port) : new NodeName(nodeName);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "localhost";
    }
  }
}
