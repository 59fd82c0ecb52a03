/** The parameters, cursors and answers that all lists share. */
@NullMarked
package dev.keyledger.projection.http;

import org.jspecify.annotations.NullMarked;
