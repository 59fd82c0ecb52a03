/**
 * Measures what the Merkle tree of the log costs.
 *
 * <p>Run by {@code benchmarks/proofs}.
 */
@NullMarked
package dev.keyledger.benchmarks.proofs;

import org.jspecify.annotations.NullMarked;
