/** What strangers may send, byte by byte: it is refused, told of to nobody, and breaks nothing. */
@NullMarked
package dev.keyledger.standalone.hostile;

import org.jspecify.annotations.NullMarked;
