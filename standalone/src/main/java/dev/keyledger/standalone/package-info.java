/**
 * Keyledger in one process, as started by the first command of the README.
 *
 * @see dev.keyledger.standalone.process.StandaloneIT
 */
@NullMarked
package dev.keyledger.standalone;

import org.jspecify.annotations.NullMarked;
