/**
 * How soon a revocation is in force on every node.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.revocations;

import org.jspecify.annotations.NullMarked;
