/**
 * The nodes that answer checks, how far each has followed the log, and whether a position is in
 * force on all of them. {@code docs/consistency.md} describes the guarantees.
 *
 * <p>Both sides may use it. It depends neither on keys nor on HTTP.
 */
@NullMarked
package dev.keyledger.log.receipts;

import org.jspecify.annotations.NullMarked;
