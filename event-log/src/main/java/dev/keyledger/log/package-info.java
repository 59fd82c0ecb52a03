/**
 * The log on PostgreSQL: appending, reading, following, positions and their tokens. Nobody else
 * writes the tables of schema {@code log}.
 *
 * <p>Both sides may use it; it uses the events, JDBC and Jackson, and neither Axon nor Spring.
 */
@NullMarked
package dev.keyledger.log;

import org.jspecify.annotations.NullMarked;
