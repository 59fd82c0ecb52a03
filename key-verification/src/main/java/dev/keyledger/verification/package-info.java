/**
 * The verification of a key from memory alone: {@link KeyVerifier} joins the secret's digest, the
 * index and the decision.
 *
 * <p>Anybody may use it, also embedded elsewhere; it uses the JDK and the events alone.
 */
@NullMarked
package dev.keyledger.verification;

import org.jspecify.annotations.NullMarked;
