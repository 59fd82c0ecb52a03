/**
 * The derivation of lists from the log: tables of schema {@code read} that follow the log's tail
 * ({@link dev.keyledger.projection.ProjectionRunners}), are read as of one position ({@link
 * dev.keyledger.projection.ProjectionDatabase}), and can be rebuilt from the first event ({@link
 * dev.keyledger.projection.Rebuild}).
 *
 * <p>The directory and the audit use it. It depends on the log and JDBC, and on neither Axon nor
 * Spring.
 */
@NullMarked
package dev.keyledger.projection;

import org.jspecify.annotations.NullMarked;
