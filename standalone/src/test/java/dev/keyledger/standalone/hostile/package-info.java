/** Hostile input, byte by byte: it is refused, leaks nothing, and breaks nothing. */
@NullMarked
package dev.keyledger.standalone.hostile;

import org.jspecify.annotations.NullMarked;
