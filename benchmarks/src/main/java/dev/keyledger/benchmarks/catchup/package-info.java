/**
 * The speed at which the key index is built from the log.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.catchup;

import org.jspecify.annotations.NullMarked;
