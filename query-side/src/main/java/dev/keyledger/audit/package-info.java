/** The audit: who did what to which key, when and why. */
@NullMarked
package dev.keyledger.audit;

import org.jspecify.annotations.NullMarked;
