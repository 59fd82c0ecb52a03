/**
 * The verification of a key, entirely in memory: {@link KeyVerifier} combines the secret's digest,
 * the index and the decision.
 *
 * <p>Any module may use it, also embedded in other software. It depends only on the JDK and the
 * events.
 */
@NullMarked
package dev.keyledger.verification;

import org.jspecify.annotations.NullMarked;
