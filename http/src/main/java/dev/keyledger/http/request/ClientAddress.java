package dev.keyledger.http.request;

import dev.keyledger.events.EventContext;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.verification.decision.IpAllowList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the address of the client that sent a request: the peer's address, or, if the peer is a
 * trusted proxy, the last one in {@code X-Forwarded-For} that is not a trusted proxy. Thread-safe.
 */
public final class ClientAddress {
  private static final int USER_AGENT_LENGTH_MAX = 256;
  private static final String FORWARDED_FOR = "X-Forwarded-For";

  private final List<String> trusted;
  private final IpAllowList trustedProxies;

  /**
   * @param trustedProxies CIDR ranges; empty: no proxy is trusted
   * @throws IllegalArgumentException if one is not a range
   */
  public ClientAddress(List<String> trustedProxies) {
    this.trusted = List.copyOf(trustedProxies);
    this.trustedProxies = IpAllowList.parse(trustedProxies);
  }

  /** Returns the address of the client, as an IP literal. */
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

  /** Returns what a request tells about the client that may be personal data. */
  EventContext contextOf(ApiRequest request, @Nullable String reason) {
    List<String> userAgents = request.headers("User-Agent");
    String userAgent = userAgents.isEmpty() ? null : userAgents.getFirst();
    return new EventContext(
        reason,
        of(request),
        userAgent == null || userAgent.length() <= USER_AGENT_LENGTH_MAX
            ? userAgent
            : userAgent.substring(0, USER_AGENT_LENGTH_MAX));
  }

  private boolean isTrusted(String address) {
    return !trusted.isEmpty() && trustedProxies.contains(address);
  }
}
