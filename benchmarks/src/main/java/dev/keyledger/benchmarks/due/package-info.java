/**
 * The cost of finding the due keys.
 *
 * <p>Run by {@code benchmarks/due-keys}.
 */
@NullMarked
package dev.keyledger.benchmarks.due;

import org.jspecify.annotations.NullMarked;
