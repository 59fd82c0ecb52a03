/**
 * How lists are derived from the log: tables of schema {@code read} that follow the log's tail
 * ({@link dev.keyledger.projection.ProjectionRunners}), are read as of one position ({@link
 * dev.keyledger.projection.ProjectionDatabase}), and are rebuilt from zero at will ({@link
 * dev.keyledger.projection.Rebuild}).
 *
 * <p>The directory and the audit use it; it uses the log and JDBC, and neither Axon nor Spring.
 */
@NullMarked
package dev.keyledger.projection;

import org.jspecify.annotations.NullMarked;
