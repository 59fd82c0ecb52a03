/**
 * What the benchmark of commands does behind Axon's back.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.commands.axon;

import org.jspecify.annotations.NullMarked;
