/**
 * The time until a revocation is in force on every node.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.revocations;

import org.jspecify.annotations.NullMarked;
