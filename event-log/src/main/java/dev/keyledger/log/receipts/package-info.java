/**
 * Which nodes answer checks, how far each of them has followed the log, and whether a position is
 * in force on all of them. {@code docs/consistency.md} says what that is worth.
 *
 * <p>Both sides may use it; it knows neither keys nor HTTP.
 */
@NullMarked
package dev.keyledger.log.receipts;

import org.jspecify.annotations.NullMarked;
