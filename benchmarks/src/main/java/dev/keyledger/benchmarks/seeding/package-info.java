/**
 * Large logs for benchmarks and tests: what appends would have written, by COPY.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.seeding;

import org.jspecify.annotations.NullMarked;
