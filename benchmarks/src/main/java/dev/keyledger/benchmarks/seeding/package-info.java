/**
 * Large logs for benchmarks and tests, written by COPY with the same content as appends.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.seeding;

import org.jspecify.annotations.NullMarked;
