/**
 * All keys in memory, found by digest, and the snapshot of them in a file. It does no other I/O.
 */
@NullMarked
package dev.keyledger.verification.index;

import org.jspecify.annotations.NullMarked;
