/** Tests of Envoy's external authorization over gRPC. */
@NullMarked
package dev.keyledger.checking.http.extauthz;

import org.jspecify.annotations.NullMarked;
