/**
 * The secret of a key: minting, form, checksum, digests, and the peppers that key the digests. Any
 * module may use it. It depends only on the JDK and the events.
 */
@NullMarked
package dev.keyledger.verification.secret;

import org.jspecify.annotations.NullMarked;
