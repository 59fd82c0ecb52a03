package dev.keyledger.http.request;

import dev.keyledger.verification.secret.KeyFormat;
import org.jspecify.annotations.Nullable;

/** Reads credentials of the scheme Bearer (RFC 6750). */
public final class BearerCredential {
  private static final String SCHEME = "Bearer ";

  private BearerCredential() {}

  /**
   * Returns the credential of an {@code Authorization} header; null if the header has another
   * scheme, is malformed, or has more than one credential.
   */
  public static @Nullable String parse(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    int from = SCHEME.length();
    while (from < authorization.length() && authorization.charAt(from) == ' ') {
      from++;
    }
    String credential = authorization.substring(from);
    return isWellFormed(credential) ? credential : null;
  }

  /**
   * Returns whether a text has the form of a credential: 1 to {@value KeyFormat#LENGTH_MAX} visible
   * ASCII characters without the comma, with which proxies join repeated headers.
   */
  public static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '!' || c > '~' || c == ',') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= KeyFormat.LENGTH_MAX;
  }
}
