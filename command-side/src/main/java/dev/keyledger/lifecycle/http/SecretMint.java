package dev.keyledger.lifecycle.http;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Generates the secrets and the ids of keys. Thread-safe. */
public final class SecretMint {
  private final KeyFormat format;
  private final Peppers peppers;
  private final SecureRandom random = new SecureRandom();

  public SecretMint(KeyFormat format, Peppers peppers) {
    this.format = format;
    this.peppers = peppers;
  }

  /** A secret for its caller, and its stored form. */
  record Minted(KeySecret secret, StoredSecret stored) {}

  Minted mint(Environment environment) {
    KeySecret secret = format.mint(environment, random);
    int pepper = peppers.currentVersion();
    return new Minted(
        secret,
        new StoredSecret(peppers.issued(pepper, secret.sha256()), pepper, format.hint(secret)));
  }

  /**
   * Returns the stored form of a caller's own secret; it is found in the caller's workspace only.
   *
   * @param hint a hint by which people recognise it; null: none
   */
  StoredSecret storedAs(String workspace, byte[] sha256, @Nullable String hint) {
    int pepper = peppers.currentVersion();
    return new StoredSecret(peppers.imported(pepper, workspace, sha256), pepper, hint);
  }

  /** Returns all digests of a secret, whether minted here or elsewhere. */
  Set<Digest> allDigestsOf(String workspace, byte[] sha256) {
    return peppers.versions().stream()
        .flatMap(version ->
            Stream.of(
                peppers.imported(version, workspace, sha256), peppers.issued(version, sha256)))
        .collect(Collectors.toUnmodifiableSet());
  }

  KeyId newKeyId(Instant now) {
    return KeyId.of(now.toEpochMilli(), random.nextLong(), random.nextLong());
  }
}
