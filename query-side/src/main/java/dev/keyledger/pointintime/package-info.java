/** Points of the log's past, for questions about what was. */
@NullMarked
package dev.keyledger.pointintime;

import org.jspecify.annotations.NullMarked;
