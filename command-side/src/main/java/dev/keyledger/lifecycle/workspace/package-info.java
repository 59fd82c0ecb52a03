/**
 * The life of a workspace: decisions on commands, and the limits of its policy. For the REST
 * commands.
 */
@NullMarked
package dev.keyledger.lifecycle.workspace;

import org.jspecify.annotations.NullMarked;
