package dev.keyledger.access;

import dev.keyledger.events.Actor;
import dev.keyledger.verification.secret.KeySecret;
import java.util.List;
import java.util.Optional;

/** Recognises the root key, which permits everything in every workspace. */
public final class RootKeys implements Authenticator {
  /** The minimum length of a root key, in characters. */
  public static final int LENGTH_MIN = 32;

  private static final Identity ROOT = new Identity(Actor.ROOT, null, Ceiling.NONE);

  private final List<KeySecret> keys;

  /**
   * @param keys comma-separated: the root key, then any older ones that are still accepted
   * @throws IllegalArgumentException if one is shorter than {@value #LENGTH_MIN} characters
   */
  public RootKeys(String keys) {
    this.keys =
        List.of(keys.split(",", -1)).stream()
            .map(String::strip)
            .map(key -> {
              if (key.length() < LENGTH_MIN) {
                throw new IllegalArgumentException(
                    "a root key must have at least " + LENGTH_MIN + " characters");
              }
              return KeySecret.of(key);
            })
            .toList();
  }

  @Override
  public Optional<Identity> authenticate(Credential credential) {
    boolean known = false;
    for (KeySecret key : keys) {
      known |= key.equals(credential.secret());
    }
    return known ? Optional.of(ROOT) : Optional.empty();
  }
}
