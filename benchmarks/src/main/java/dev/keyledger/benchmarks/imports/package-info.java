/**
 * Keys for load tests over HTTP.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.imports;

import org.jspecify.annotations.NullMarked;
