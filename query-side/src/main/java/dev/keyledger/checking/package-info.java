/**
 * Checks of keys, answered only while the index is fresh. Independent of HTTP, except for the
 * package {@code http}.
 */
@NullMarked
package dev.keyledger.checking;

import org.jspecify.annotations.NullMarked;
