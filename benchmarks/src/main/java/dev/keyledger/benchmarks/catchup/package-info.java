/**
 * How fast the key index is built from the log.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.catchup;

import org.jspecify.annotations.NullMarked;
