/** Commands on many keys: each key is decided as ever, all are recorded together. */
@NullMarked
package dev.keyledger.lifecycle.batch;

import org.jspecify.annotations.NullMarked;
