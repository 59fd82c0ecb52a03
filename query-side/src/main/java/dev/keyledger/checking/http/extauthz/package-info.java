/**
 * Envoy's external authorization over gRPC, on its own port. A call is translated into a request of
 * {@code forward-auth} and its answer back, so that {@link
 * dev.keyledger.checking.http.VerificationHandler} decides it like any other. Only Spring's wiring
 * imports this package.
 *
 * <p>gRPC of one unary call is a few frames of HTTP/2, which Netty reads and writes. The messages
 * are of {@code envoy.service.auth.v3}; the fields that are not used are skipped.
 */
@NullMarked
package dev.keyledger.checking.http.extauthz;

import org.jspecify.annotations.NullMarked;
