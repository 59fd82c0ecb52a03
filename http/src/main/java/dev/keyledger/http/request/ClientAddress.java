package dev.keyledger.http.request;

import dev.keyledger.conditions.IpAddress;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.events.EventContext;
import dev.keyledger.http.ApiRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the address of the client that sent a request: the peer's address, or, if the peer is a
 * trusted proxy, the last one in {@code X-Forwarded-For} that is not a trusted proxy. Without that
 * header, {@code Forwarded} (RFC 7239) counts. Thread-safe.
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

  /**
   * Returns the address of the client, as an IP literal. Returns null if a trusted proxy names a
   * hop that cannot be read: the proxy's own address is not the client's.
   */
  public @Nullable String of(ApiRequest request) {
    String address = request.peerAddress();
    if (!isTrusted(address)) {
      return address;
    }
    for (String hop : hops(request).reversed()) {
      IpAddress named = IpAddress.parseWithPort(hop);
      if (named == null) {
        return null;
      }
      address = named.toString();
      if (!isTrusted(address)) {
        return address;
      }
    }
    return address;
  }

  /** Returns the hops from proxies, the client's first. Empty list elements do not count. */
  private static List<String> hops(ApiRequest request) {
    List<String> headers = request.headers(FORWARDED_FOR);
    if (headers.isEmpty()) {
      return ForwardedHeader.hops(request.headers(ForwardedHeader.NAME));
    }
    var hops = new ArrayList<String>();
    for (String header : headers) {
      for (String hop : header.split(",", -1)) {
        if (!hop.isBlank()) {
          hops.add(hop.strip());
        }
      }
    }
    return hops;
  }

  /** Returns the data of a request about the client that may be personal. */
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
