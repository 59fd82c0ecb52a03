/**
 * The command {@code check}: reads the log and all that is derived from it, by code that shares
 * nothing with the code that writes them.
 *
 * @see dev.keyledger.standalone.ArchitectureTest
 */
@NullMarked
package dev.keyledger.check;

import org.jspecify.annotations.NullMarked;
