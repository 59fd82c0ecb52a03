/** The answers that all lists of projections share. */
@NullMarked
package dev.keyledger.projection.http;

import org.jspecify.annotations.NullMarked;
