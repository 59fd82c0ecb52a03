/** Reads the points in time that requests name, and finds them in the log. */
@NullMarked
package dev.keyledger.pointintime.http;

import org.jspecify.annotations.NullMarked;
