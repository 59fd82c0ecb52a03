/**
 * Verification over HTTP: {@code verify}, {@code verify/batch}, {@code forward-auth}, {@code
 * verify/at} and token introspection. {@link dev.keyledger.checking.http.VerificationHandler}
 * answers the first three independently of the transport; a servlet filter and the fast listener
 * call it.
 */
@NullMarked
package dev.keyledger.checking.http;

import org.jspecify.annotations.NullMarked;
