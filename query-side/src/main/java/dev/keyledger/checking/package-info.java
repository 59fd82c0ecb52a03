/**
 * Checks of keys that are answered from a fresh index, or not at all. Knows nothing of HTTP; its
 * package {@code http} does.
 */
@NullMarked
package dev.keyledger.checking;

import org.jspecify.annotations.NullMarked;
