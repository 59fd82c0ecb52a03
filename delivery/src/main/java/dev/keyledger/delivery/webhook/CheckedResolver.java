package dev.keyledger.delivery.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves the hosts of webhooks, and refuses every name with a forbidden address. The client calls
 * it for each connection and connects only to the returned addresses, so that a name cannot resolve
 * to another address after the check. It is also called for literal addresses. Thread-safe.
 */
final class CheckedResolver implements DnsResolver {
  private final DnsResolver names;
  private final ReachableNetworks networks;
  private final boolean publicToo;

  /**
   * @param names resolves names
   * @param publicToo whether public addresses are allowed too; false for requests without TLS,
   *     which need explicit permission
   */
  CheckedResolver(DnsResolver names, ReachableNetworks networks, boolean publicToo) {
    this.names = names;
    this.networks = networks;
    this.publicToo = publicToo;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = addresses(host);
    for (InetAddress address : addresses) {
      if (!networks.permits(address) && !(publicToo && ReachableNetworks.isPublic(address))) {
        throw new UnknownHostException("webhooks must not reach an address of this host");
      }
    }
    return addresses;
  }

  private InetAddress[] addresses(String host) throws UnknownHostException {
    try {
      InetAddress literal = TargetUrl.literal(host);
      return literal == null ? names.resolve(host) : new InetAddress[] {literal};
    } catch (IllegalArgumentException unusual) {
      throw new UnknownHostException(unusual.getMessage());
    }
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
