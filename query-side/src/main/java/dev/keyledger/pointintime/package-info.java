/** Points in the log's past, for questions about it. */
@NullMarked
package dev.keyledger.pointintime;

import org.jspecify.annotations.NullMarked;
