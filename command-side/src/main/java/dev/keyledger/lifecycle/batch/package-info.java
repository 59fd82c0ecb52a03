/** Commands on many keys: each key is decided on its own, and all are recorded together. */
@NullMarked
package dev.keyledger.lifecycle.batch;

import org.jspecify.annotations.NullMarked;
