/**
 * The nodes that answer checks, the position of each, and receipts that all of them have applied a
 * position. {@code docs/consistency.md} describes the guarantees.
 *
 * <p>Both sides may use it. It depends neither on keys nor on HTTP.
 */
@NullMarked
package dev.keyledger.log.receipts;

import org.jspecify.annotations.NullMarked;
