/**
 * What commands cost, next to plain inserts into the same PostgreSQL.
 *
 * <p>Nothing of the product uses it.
 *
 * @see "dev.keyledger.standalone.ArchitectureTest"
 */
@NullMarked
package dev.keyledger.benchmarks.commands;

import org.jspecify.annotations.NullMarked;
