/**
 * The directory that holds all that a standalone Keyledger keeps: who may use it, and the secrets
 * made on the first start. Used by the start of the application and by {@code postgres}.
 *
 * @see dev.keyledger.standalone.datadirectory.DataDirectoryTest
 * @see dev.keyledger.standalone.datadirectory.GeneratedSecretsTest
 */
@NullMarked
package dev.keyledger.standalone.datadirectory;

import org.jspecify.annotations.NullMarked;
