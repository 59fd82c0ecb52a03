/**
 * Checks of keys, answered from a fresh index or not at all. Independent of HTTP, except for the
 * package {@code http}.
 */
@NullMarked
package dev.keyledger.checking;

import org.jspecify.annotations.NullMarked;
