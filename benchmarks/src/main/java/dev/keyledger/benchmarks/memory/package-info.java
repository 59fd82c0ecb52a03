/**
 * The memory of a node's keys, and the cost of writing and reading them.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
