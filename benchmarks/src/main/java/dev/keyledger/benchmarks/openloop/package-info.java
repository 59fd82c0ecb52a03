/**
 * How long requests take that come at a steady rate, whether or not the server keeps up.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.openloop;

import org.jspecify.annotations.NullMarked;
