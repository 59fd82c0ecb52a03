/** The application that runs the query side alone. */
@NullMarked
package dev.keyledger.query;

import org.jspecify.annotations.NullMarked;
