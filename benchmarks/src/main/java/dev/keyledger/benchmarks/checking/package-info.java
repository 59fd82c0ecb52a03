/**
 * The cost of a check in process.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.checking;

import org.jspecify.annotations.NullMarked;
