/**
 * Who is calling, and what they may do: credentials, what their bearers hold, and the ceiling over
 * what they may hand on.
 */
@NullMarked
package dev.keyledger.access;

import org.jspecify.annotations.NullMarked;
