package dev.keyledger.http;

import java.util.List;
import java.util.stream.Stream;
import org.apache.tomcat.util.net.SSLHostConfig;

/**
 * The protocols and ciphers of both ports, unless the settings of the SSL bundle name others: TLS
 * 1.3, and the suites of TLS 1.2 with authenticated encryption and forward secrecy (RFC 9325).
 */
public final class TlsDefaults {
  public static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

  private static final List<String> SUITES_OF_1_3 =
      List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256");
  private static final List<String> SUITES_OF_1_2 =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private TlsDefaults() {}

  /** Returns the cipher suites, the preferred ones first. */
  public static List<String> suites() {
    return Stream.concat(SUITES_OF_1_3.stream(), SUITES_OF_1_2.stream()).toList();
  }

  /** Replaces the container's own defaults, but nothing that a bundle has set. */
  static void applyTo(SSLHostConfig tls) {
    if (tls.getCiphers().equals(SSLHostConfig.DEFAULT_TLS_CIPHERS_12)) {
      tls.setCiphers(String.join(",", SUITES_OF_1_2));
    }
    if (tls.getProtocols().contains("TLSv1")) {
      tls.setProtocols(String.join("+", PROTOCOLS));
    }
  }
}
