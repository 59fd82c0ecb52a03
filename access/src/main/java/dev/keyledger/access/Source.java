package dev.keyledger.access;

import dev.keyledger.conditions.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The origin that requests are counted by: an IPv4 address, or the /64 network of an IPv6 address,
 * which is what one subscriber has. All unreadable addresses share one source.
 */
public record Source(IpAddress network) {
  private static final int SUBSCRIBER_BITS = 64;
  private static final Source UNREADABLE = new Source(new IpAddress(true, -1, -1));

  /** Returns the source with an address, an IP literal; null if the address is unknown. */
  public static Source of(@Nullable String address) {
    IpAddress parsed = address == null ? null : IpAddress.parse(address);
    if (parsed == null) {
      return UNREADABLE;
    }
    return new Source(parsed.isV4() ? parsed : parsed.masked(SUBSCRIBER_BITS));
  }
}
