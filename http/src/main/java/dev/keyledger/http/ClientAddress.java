package dev.keyledger.http;

import dev.keyledger.verification.decision.IpAllowList;
import java.util.ArrayList;
import java.util.List;

/**
 * The address that a request really came from: the peer's, or, if the peer is a trusted proxy, the
 * last one in {@code X-Forwarded-For} that is not a trusted proxy itself.
 */
public final class ClientAddress {
  private static final String FORWARDED_FOR = "X-Forwarded-For";

  private final List<String> trusted;
  private final IpAllowList trustedProxies;

  /**
   * @param trustedProxies CIDR ranges; empty: no proxy is trusted
   * @throws IllegalArgumentException if one is none
   */
  public ClientAddress(List<String> trustedProxies) {
    this.trusted = List.copyOf(trustedProxies);
    this.trustedProxies = IpAllowList.parse(trustedProxies);
  }

  /** The address of the request, as text. */
  public String of(ApiRequest request) {
    String address = request.peerAddress();
    if (!isTrusted(address)) {
      return address;
    }
    List<String> hops = new ArrayList<>();
    for (String header : request.headers(FORWARDED_FOR)) {
      for (String hop : header.split(",", -1)) {
        hops.add(hop.strip());
      }
    }
    for (String hop : hops.reversed()) {
      if (!isTrusted(address) || !IpAllowList.isAddress(hop)) {
        return address;
      }
      address = hop;
    }
    return address;
  }

  private boolean isTrusted(String address) {
    return !trusted.isEmpty() && trustedProxies.contains(address);
  }
}
