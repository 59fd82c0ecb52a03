package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * The stored form of a secret.
 *
 * @param digest the digest for lookups
 * @param pepperVersion the version of the pepper of the digest, 1 or more
 * @param hint the secret's prefix and last four characters, by which people recognise it; null for
 *     an imported secret that came without one
 */
public record StoredSecret(Digest digest, int pepperVersion, @Nullable String hint) {}
