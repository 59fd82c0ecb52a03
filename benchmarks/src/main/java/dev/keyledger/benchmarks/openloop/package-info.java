/**
 * The latency of requests that arrive at a steady rate, whether or not the server keeps up.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.openloop;

import org.jspecify.annotations.NullMarked;
