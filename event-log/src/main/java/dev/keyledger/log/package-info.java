/**
 * The log on PostgreSQL: appending, reading, following, positions and their tokens. No other code
 * writes the tables of schema {@code log}.
 *
 * <p>Both sides may use it. It depends on the events, JDBC and Jackson, and on neither Axon nor
 * Spring.
 */
@NullMarked
package dev.keyledger.log;

import org.jspecify.annotations.NullMarked;
