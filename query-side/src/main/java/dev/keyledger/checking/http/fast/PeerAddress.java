package dev.keyledger.checking.http.fast;

import java.net.InetAddress;

/** The address of the peer of a connection. */
public final class PeerAddress {
  private PeerAddress() {}

  /** Returns an address as a literal without its zone. */
  public static String literal(InetAddress address) {
    String literal = address.getHostAddress();
    int zone = literal.indexOf('%');
    return zone < 0 ? literal : literal.substring(0, zone);
  }
}
