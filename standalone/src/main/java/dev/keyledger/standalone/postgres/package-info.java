/**
 * The embedded PostgreSQL of a standalone Keyledger: unpacked, initialised, started, kept alive and
 * ended here, durable always. Only the start of the application uses it; whatever needs data goes
 * through JDBC.
 *
 * @see dev.keyledger.standalone.postgres.EmbeddedDatabaseTest
 */
@NullMarked
package dev.keyledger.standalone.postgres;

import org.jspecify.annotations.NullMarked;
