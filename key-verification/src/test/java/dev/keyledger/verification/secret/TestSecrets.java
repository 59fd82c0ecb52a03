package dev.keyledger.verification.secret;

import dev.keyledger.events.Environment;

/** Creates secrets from known bytes, for the tests of other packages. */
public final class TestSecrets {
  private TestSecrets() {}

  /** Returns the secret that encodes 32 bytes. */
  public static KeySecret spell(KeyFormat format, Environment environment, byte[] bytes) {
    return format.spell(environment, bytes);
  }
}
