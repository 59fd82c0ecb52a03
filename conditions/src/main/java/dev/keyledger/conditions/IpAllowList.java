package dev.keyledger.conditions;

import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses from which a key may be used: CIDR ranges (RFC 4632, RFC 4291) and single addresses
 * of IPv4 and IPv6. Immutable.
 *
 * <p>Only literals are accepted; no name is ever resolved. An IPv4-mapped IPv6 address
 * (::ffff:192.0.2.1) is treated as the IPv4 address.
 */
public final class IpAllowList {
  /** The absent list, which allows every address, also an unknown one. */
  public static final IpAllowList ANY = new IpAllowList(List.of());

  /** A range of addresses, and whether it was given as a single address. */
  private record Range(IpAddress network, int prefixLength, boolean single) {
    boolean contains(IpAddress address) {
      return network.isV4() == address.isV4() && address.masked(prefixLength).equals(network);
    }

    @Override
    public String toString() {
      return single ? network.toString() : network + "/" + prefixLength;
    }
  }

  private final List<Range> ranges;

  private IpAllowList(List<Range> ranges) {
    this.ranges = ranges;
  }

  /**
   * Parses ranges and addresses.
   *
   * @param texts ranges and addresses; empty: any address
   * @throws IllegalArgumentException if a text is neither, or the address of a range has bits set
   *     beyond the prefix
   */
  public static IpAllowList parse(List<String> texts) {
    if (texts.isEmpty()) {
      return ANY;
    }
    var ranges = new LinkedHashSet<Range>();
    for (String text : texts) {
      ranges.add(range(text));
    }
    return new IpAllowList(List.copyOf(ranges));
  }

  /** Returns whether there is no list, so that any address is allowed. */
  public boolean isAny() {
    return ranges.isEmpty();
  }

  /**
   * Returns whether the list allows an address.
   *
   * @param address a literal of IPv4 or IPv6; null or any other text is allowed only without a list
   */
  public boolean contains(@Nullable String address) {
    if (ranges.isEmpty()) {
      return true;
    }
    IpAddress parsed = address == null ? null : IpAddress.parse(address);
    if (parsed == null) {
      return false;
    }
    for (Range range : ranges) {
      if (range.contains(parsed)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether this list allows every address that the other one allows, compared range by
   * range.
   */
  public boolean covers(IpAllowList other) {
    return isAny()
        || (!other.isAny()
            && other.ranges.stream()
                .allMatch(theirs ->
                    ranges.stream()
                        .anyMatch(ours ->
                            ours.prefixLength <= theirs.prefixLength
                                && ours.contains(theirs.network))));
  }

  /**
   * Returns the ranges and addresses in the given order, in the text form of RFC 5952; for storage.
   */
  public List<String> toCanonical() {
    return ranges.stream().map(Range::toString).toList();
  }

  @Override
  public String toString() {
    return isAny() ? "any" : toCanonical().toString();
  }

  private static Range range(String text) {
    int slash = text.indexOf('/');
    IpAddress written = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (written == null) {
      throw new IllegalArgumentException("must be an IPv4 or IPv6 address or CIDR range");
    }
    if (slash < 0) {
      return new Range(written, written.bits(), true);
    }
    int prefixLength = prefixLength(text.substring(slash + 1));
    // In the mapped form the prefix length includes the 96 bits before the IPv4 address.
    boolean mapped = written.isV4() && text.indexOf(':') >= 0;
    prefixLength -= mapped ? 96 : 0;
    if (prefixLength < 0 || prefixLength > written.bits()) {
      throw new IllegalArgumentException("the prefix length does not fit the address");
    }
    if (!written.masked(prefixLength).equals(written)) {
      throw new IllegalArgumentException("the address has bits set beyond the prefix length");
    }
    return new Range(written, prefixLength, false);
  }

  private static int prefixLength(String text) {
    boolean number = !text.isEmpty() && text.length() <= 3;
    int value = 0;
    for (int i = 0; number && i < text.length(); i++) {
      char c = text.charAt(i);
      number = c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    if (!number || (text.length() > 1 && text.charAt(0) == '0')) {
      throw new IllegalArgumentException(
          "the prefix length must be a number without leading zeros");
    }
    return value;
  }
}
