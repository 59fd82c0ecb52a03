/**
 * The life of a workspace: what becomes of commands about it, and what its policy may say. For the
 * REST commands.
 */
@NullMarked
package dev.keyledger.lifecycle.workspace;

import org.jspecify.annotations.NullMarked;
