/**
 * What the keys of a node cost in memory, and what writing and reading them costs.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
