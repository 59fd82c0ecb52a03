/**
 * The cost of commands, compared with plain inserts into the same PostgreSQL.
 *
 * <p>The product does not use it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.commands;

import org.jspecify.annotations.NullMarked;
