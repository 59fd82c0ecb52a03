/**
 * The parts of the command benchmark that bypass Axon.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.commands.axon;

import org.jspecify.annotations.NullMarked;
