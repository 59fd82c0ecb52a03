/** What must hold when things go wrong: crashes, and eyes that look where secrets might be. */
@NullMarked
package dev.keyledger.standalone.faults;

import org.jspecify.annotations.NullMarked;
