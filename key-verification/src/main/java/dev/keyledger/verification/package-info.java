/**
 * What a key string is (mint, parse, checksum, digest), what permissions mean, and whether a key is
 * good, decided from memory alone.
 *
 * <p>Everybody may use it, also embedded elsewhere; it uses the JDK and the events alone, and does
 * no I/O but to write and read a snapshot of the index.
 */
@NullMarked
package dev.keyledger.verification;

import org.jspecify.annotations.NullMarked;
