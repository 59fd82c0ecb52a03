/**
 * What a check costs in process.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.checking;

import org.jspecify.annotations.NullMarked;
