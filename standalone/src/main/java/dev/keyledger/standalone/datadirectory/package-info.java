/**
 * The data directory of a standalone Keyledger: its lock, its access rights, and the secrets
 * generated on the first start. Used by the start of the application and by {@code postgres}.
 *
 * @see dev.keyledger.standalone.datadirectory.DataDirectoryTest
 * @see dev.keyledger.standalone.datadirectory.GeneratedSecretsTest
 */
@NullMarked
package dev.keyledger.standalone.datadirectory;

import org.jspecify.annotations.NullMarked;
