package dev.keyledger.http.request;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the header {@code Forwarded} (RFC 7239 section 4). */
final class ForwardedHeader {
  static final String NAME = "Forwarded";

  /** The value for an element that names no client, or cannot be read. */
  private static final String UNREADABLE = "";

  /** A parameter and its terminator. No address needs an escape in a quoted value. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "[ \t]*([!#-'*+.^-z|~0-9A-Z-]+)=(?:\"([^\"\\\\]*)\"|([^\\s\",;]+))[ \t]*([;,]|$)");

  private ForwardedHeader() {}

  /**
   * Returns the parameter {@code for} of each element, in the order sent, without quotes: an empty
   * text if the element has none or several. A malformed element is an empty text, and so is
   * everything after it.
   */
  static List<String> hops(List<String> headers) {
    var hops = new ArrayList<String>();
    for (String header : headers) {
      Matcher parameter = PARAMETER.matcher(header);
      int end = 0;
      List<String> named = new ArrayList<>();
      while (end < header.length()) {
        if (!parameter.region(end, header.length()).lookingAt()) {
          hops.add(UNREADABLE);
          break;
        }
        end = parameter.end();
        if (parameter.group(1).equalsIgnoreCase("for")) {
          named.add(parameter.group(2) == null ? parameter.group(3) : parameter.group(2));
        }
        if (!parameter.group(4).equals(";")) {
          hops.add(named.size() == 1 ? named.getFirst() : UNREADABLE);
          named.clear();
        }
      }
    }
    return hops;
  }
}
