/**
 * Keyledger in one process: what the README's first command starts.
 *
 * @see dev.keyledger.standalone.process.StandaloneIT
 */
@NullMarked
package dev.keyledger.standalone;

import org.jspecify.annotations.NullMarked;
