package dev.keyledger.delivery.webhook;

import dev.keyledger.conditions.IpAllowList;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.ipv4.IPv4Address;
import inet.ipaddr.ipv6.IPv6Address;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The addresses that webhooks may reach: public ones, and those that the operator of Keyledger
 * permits. An address that is not known to be public is not. Immutable.
 *
 * <p>The tables follow IANA's registries of special-purpose addresses (RFC 6890 and its updates),
 * with the addresses at which clouds serve metadata.
 */
public final class ReachableNetworks {
  private static final List<IPAddress> NOT_PUBLIC_V4 =
      networks(
          "0.0.0.0/8", // this network
          "10.0.0.0/8", // private
          "100.64.0.0/10", // shared by carriers
          "127.0.0.0/8", // loopback
          "168.63.129.16/32", // a cloud's own services
          "169.254.0.0/16", // link-local, metadata
          "172.16.0.0/12", // private
          "192.0.0.0/24", // protocol assignments
          "192.0.2.0/24", // documentation
          "192.31.196.0/24", // AS112
          "192.52.193.0/24", // AMT
          "192.88.99.0/24", // 6to4 relays
          "192.168.0.0/16", // private
          "192.175.48.0/24", // AS112
          "198.18.0.0/15", // benchmarks
          "198.51.100.0/24", // documentation
          "203.0.113.0/24", // documentation
          "224.0.0.0/4", // multicast
          "240.0.0.0/4"); // reserved, broadcast

  /** The range of public addresses, except those in the other table. */
  private static final IPAddress GLOBAL_UNICAST_V6 = networks("2000::/3").getFirst();

  private static final List<IPAddress> NOT_PUBLIC_V6 =
      networks(
          "2001::/23", // protocol assignments: Teredo, ORCHID and others
          "2001:db8::/32", // documentation
          "2002::/16", // 6to4
          "2620:4f:8000::/48", // AS112
          "3fff::/20"); // documentation

  /** The range whose addresses end with an IPv4 address (RFC 6052). */
  private static final IPAddress NAT64 = networks("64:ff9b::/96").getFirst();

  private static final int V4_BYTES = 4;

  private final IpAllowList permitted;

  /**
   * @param permitted ranges that webhooks may reach although they are not public
   * @throws IllegalArgumentException if one of them is not an address or CIDR range
   */
  public ReachableNetworks(List<String> permitted) {
    this.permitted = IpAllowList.parse(permitted);
  }

  private static List<IPAddress> networks(String... ranges) {
    return Stream.of(ranges).map(range -> new IPAddressString(range).getAddress()).toList();
  }

  /** Returns whether any range is permitted besides the public addresses. */
  boolean permitsAny() {
    return !permitted.isAny(); // an empty list permits nothing here
  }

  /** Returns whether the operator of Keyledger permits an address explicitly. */
  boolean permits(InetAddress address) {
    return permitsAny() && permitted.contains(address.getHostAddress().replaceFirst("%.*", ""));
  }

  /** Returns whether an address is public. */
  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return isPublicV4(bytes);
    }
    var v6 = new IPv6Address(bytes);
    if (NAT64.contains(v6)) {
      return isPublicV4(Arrays.copyOfRange(bytes, bytes.length - V4_BYTES, bytes.length));
    }
    return GLOBAL_UNICAST_V6.contains(v6)
        && NOT_PUBLIC_V6.stream().noneMatch(range -> range.contains(v6));
  }

  private static boolean isPublicV4(byte[] bytes) {
    var v4 = new IPv4Address(bytes);
    return NOT_PUBLIC_V4.stream().noneMatch(range -> range.contains(v4));
  }
}
