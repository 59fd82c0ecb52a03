/** The audit: every change of a key, its actor, its time and its reason. */
@NullMarked
package dev.keyledger.audit;

import org.jspecify.annotations.NullMarked;
