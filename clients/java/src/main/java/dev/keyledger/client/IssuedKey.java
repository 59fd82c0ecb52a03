package dev.keyledger.client;

import java.util.Optional;

/**
 * A key and the secret that was just made for it.
 *
 * @param secret the only time that it is shown; empty if the caller made it, or if the first
 *     response is repeated after the secret has ended
 */
public record IssuedKey(Key key, Optional<Secret> secret) {
  static IssuedKey of(Fields fields) {
    return new IssuedKey(
        Key.of(fields), Optional.ofNullable(fields.optionalText("secret")).map(Secret::of));
  }

  /** Returns the secret's text, for the one who is to present it. */
  public String revealSecret() {
    return secret.orElseThrow().reveal();
  }
}
