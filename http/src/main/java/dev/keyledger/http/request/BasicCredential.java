package dev.keyledger.http.request;

import dev.keyledger.access.Identity;
import dev.keyledger.events.Actor;
import dev.keyledger.verification.secret.KeyFormat;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A credential of the scheme Basic (RFC 7617): a public name and a secret. Its text form shows
 * neither.
 */
final class BasicCredential {
  private static final int BASE64_LENGTH_MAX = 4 * (128 + 1 + KeyFormat.LENGTH_MAX) / 3 + 1;
  private static final Pattern HEADER =
      Pattern.compile("(?i:Basic) +([A-Za-z0-9+/]{1,%d}={0,2})".formatted(BASE64_LENGTH_MAX));
  private static final Pattern NAME_AND_SECRET =
      Pattern.compile("([!-9;-~]{1,128}):([!-+\\--~]{1,%d})".formatted(KeyFormat.LENGTH_MAX));

  private final String name;
  private final String secret;

  BasicCredential(String name, String secret) {
    this.name = name;
    this.secret = secret;
  }

  /** Returns whether an {@code Authorization} header has the scheme, well-formed or not. */
  static boolean isOfScheme(String authorization) {
    return authorization.regionMatches(true, 0, "Basic ", 0, "Basic ".length());
  }

  /** Returns the credential in a header; null if the header is malformed. */
  static @Nullable BasicCredential parse(String authorization) {
    var header = HEADER.matcher(authorization);
    if (!header.matches()) {
      return null;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(header.group(1));
      var parts = NAME_AND_SECRET.matcher(new String(decoded, StandardCharsets.ISO_8859_1));
      return parts.matches() ? new BasicCredential(parts.group(1), parts.group(2)) : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  String secret() {
    return secret;
  }

  /** Returns whether the name is that of the secret's bearer: the key's id, or {@code root}. */
  boolean names(Identity bearer) {
    Actor actor = bearer.actor();
    return name.equals(actor.id() == null ? actor.type().toString() : actor.id());
  }

  @Override
  public String toString() {
    return "BasicCredential[redacted]";
  }
}
