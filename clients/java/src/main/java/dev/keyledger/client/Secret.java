package dev.keyledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/** The secret of a key. It shows itself only through {@link #reveal}. */
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /** Returns a secret that the caller has. */
  public static Secret of(String value) {
    return new Secret(value);
  }

  /** Returns the secret itself, for the one who presents it, and for nothing else. */
  public String reveal() {
    return value;
  }

  /** Compares in constant time. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret
        && MessageDigest.isEqual(value.getBytes(UTF_8), secret.value.getBytes(UTF_8));
  }

  @Override
  public int hashCode() {
    return Secret.class.hashCode(); // constant: a hash would reveal something about the secret
  }

  @Override
  public String toString() {
    return "redacted";
  }
}
