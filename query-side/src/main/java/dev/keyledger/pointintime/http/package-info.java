/** How requests name points of the past, and which those are. */
@NullMarked
package dev.keyledger.pointintime.http;

import org.jspecify.annotations.NullMarked;
