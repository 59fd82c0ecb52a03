/**
 * Keys for load tests over HTTP.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.imports;

import org.jspecify.annotations.NullMarked;
