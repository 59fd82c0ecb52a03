/**
 * The embedded PostgreSQL of a standalone Keyledger: unpacked, initialised, started, kept alive and
 * stopped here, and always durable. Only the start of the application uses it; all other code uses
 * JDBC.
 *
 * @see dev.keyledger.standalone.postgres.EmbeddedDatabaseTest
 */
@NullMarked
package dev.keyledger.standalone.postgres;

import org.jspecify.annotations.NullMarked;
