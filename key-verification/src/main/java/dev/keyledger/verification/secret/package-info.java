/**
 * What a key's secret is: minting, form, checksum, digests and the peppers that digests are keyed
 * with. Anybody may use it; it uses the JDK and the events alone.
 */
@NullMarked
package dev.keyledger.verification.secret;

import org.jspecify.annotations.NullMarked;
