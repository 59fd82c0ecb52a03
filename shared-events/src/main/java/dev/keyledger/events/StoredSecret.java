package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * All that is kept of a secret.
 *
 * @param digest by which it is found again
 * @param pepperVersion the version of the pepper that the digest was made with, 1 or more
 * @param hint the secret's prefix and last four characters, for people to recognise it by; null if
 *     its caller made the secret
 */
public record StoredSecret(Digest digest, int pepperVersion, @Nullable String hint) {}
