/**
 * The cost of the log's Merkle tree.
 *
 * <p>Run by {@code benchmarks/proofs}.
 */
@NullMarked
package dev.keyledger.benchmarks.proofs;

import org.jspecify.annotations.NullMarked;
