/**
 * Measures what it costs to find the keys that are due.
 *
 * <p>Run by {@code benchmarks/due-keys}.
 */
@NullMarked
package dev.keyledger.benchmarks.due;

import org.jspecify.annotations.NullMarked;
