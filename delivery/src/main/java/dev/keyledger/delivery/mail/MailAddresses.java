package dev.keyledger.delivery.mail;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The addresses that mail may be sent to: those in the domains that the operator of Keyledger
 * lists, so that nobody can use Keyledger to send unwanted mail. Immutable.
 *
 * <p>An address is the plain form {@code local@domain} and nothing else: no display name, comment,
 * quotation or second address, and none of the characters that make mail servers forward a mail or
 * run a program.
 */
public final class MailAddresses {
  /** The maximum number of characters of an address (RFC 5321 section 4.5.3.1). */
  public static final int LENGTH_MAX = 254;

  /** The maximum number of characters before the {@code @}. */
  public static final int LOCAL_LENGTH_MAX = 64;

  private static final int DOMAIN_LENGTH_MAX = 253;
  private static final String ATOM = "[A-Za-z0-9_+='-]+";
  private static final Pattern LOCAL = Pattern.compile("(?!-)" + ATOM + "(?:\\." + ATOM + ")*");
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  private static final Pattern DOMAIN = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");

  private final boolean isOn;
  private final Set<String> domains;

  /**
   * @param isOn whether this node has an SMTP server
   * @param domains names of domains, whose subdomains are not included
   * @throws IllegalArgumentException if one of them is not a domain name
   */
  public MailAddresses(boolean isOn, List<String> domains) {
    this.isOn = isOn;
    this.domains =
        domains.stream().map(MailAddresses::domain).collect(Collectors.toUnmodifiableSet());
  }

  private static String domain(String text) {
    String domain = text.strip().toLowerCase(Locale.ROOT);
    if (domain.length() > DOMAIN_LENGTH_MAX || !DOMAIN.matcher(domain).matches()) {
      throw new IllegalArgumentException(
          "must be names of domains such as example.com, without wildcards, separated by commas");
    }
    return domain;
  }

  /**
   * Returns the address of a text.
   *
   * @throws IllegalArgumentException with a message for the client if mail to it is not allowed
   */
  public String parse(String text) {
    if (!isOn) {
      throw new IllegalArgumentException(
          "cannot be used: this service sends no mail until an SMTP server is configured"
              + " (SPRING_MAIL_HOST)");
    }
    if (text.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("must have at most " + LENGTH_MAX + " characters");
    }
    int at = text.indexOf('@');
    String local = text.substring(0, Math.max(0, at));
    if (local.length() > LOCAL_LENGTH_MAX || !LOCAL.matcher(local).matches()) {
      throw new IllegalArgumentException(
          "must be one plain address: letters, digits and . _ + - = ' before the @, "
              + LOCAL_LENGTH_MAX
              + " at most");
    }
    if (!permits(text)) {
      throw new IllegalArgumentException(
          "must be in one of the domains in KEYLEDGER_MAIL_ALLOWED_DOMAINS");
    }
    return text;
  }

  /**
   * Returns whether mail may still be sent to an address that {@link #parse} has returned before.
   */
  boolean permits(String address) {
    String domain = address.substring(address.indexOf('@') + 1);
    // Compared in ASCII alone: the lower case of some other letters is ASCII, too.
    return domain.chars().allMatch(c -> c <= '~')
        && domains.contains(domain.toLowerCase(Locale.ROOT));
  }
}
