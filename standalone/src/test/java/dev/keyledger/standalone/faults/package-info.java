/** Tests of faults: crashes, and searches for leaked secrets. */
@NullMarked
package dev.keyledger.standalone.faults;

import org.jspecify.annotations.NullMarked;
