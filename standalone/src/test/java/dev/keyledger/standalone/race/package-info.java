/** Appends that race each other and their rivals, watched by readers that miss nothing. */
@NullMarked
package dev.keyledger.standalone.race;

import org.jspecify.annotations.NullMarked;
