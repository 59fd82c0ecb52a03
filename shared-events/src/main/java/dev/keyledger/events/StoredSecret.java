package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * Everything that is stored of a secret.
 *
 * @param digest by which it is looked up
 * @param pepperVersion the version of the pepper of the digest, 1 or more
 * @param hint the secret's prefix and last four characters, by which people recognise it; null for
 *     an imported secret that came without one
 */
public record StoredSecret(Digest digest, int pepperVersion, @Nullable String hint) {}
