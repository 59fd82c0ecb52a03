/** The application that is the command side alone. */
@NullMarked
package dev.keyledger.command;

import org.jspecify.annotations.NullMarked;
