/**
 * How lists are derived from the log: tables of schema {@code read} that are brought forward by
 * position, read as of one position, and rebuilt from zero at will.
 *
 * <p>The directory and the audit use it; it uses the log and JDBC, and neither Axon nor Spring.
 */
@NullMarked
package dev.keyledger.projection;

import org.jspecify.annotations.NullMarked;
