package dev.keyledger.client;

import java.util.Optional;

/**
 * A key and its new secret.
 *
 * @param secret shown only this once; empty if the caller made it, or if the first response is
 *     repeated after the end of the secret
 */
public record IssuedKey(Key key, Optional<Secret> secret) {
  static IssuedKey of(Fields fields) {
    return new IssuedKey(
        Key.of(fields), Optional.ofNullable(fields.optionalText("secret")).map(Secret::of));
  }

  /** Returns the secret's text, for the one who presents it. */
  public String revealSecret() {
    return secret.orElseThrow().reveal();
  }
}
