/** All keys in memory, found by digest, and the snapshot of the index in a file. No other I/O. */
@NullMarked
package dev.keyledger.verification.index;

import org.jspecify.annotations.NullMarked;
