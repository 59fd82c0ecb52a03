/** Races of appends against each other and rivals, checked by readers. */
@NullMarked
package dev.keyledger.standalone.race;

import org.jspecify.annotations.NullMarked;
