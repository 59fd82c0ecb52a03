/** Orders about many keys at once, each decided as ever, all recorded together. */
@NullMarked
package dev.keyledger.lifecycle.batch;

import org.jspecify.annotations.NullMarked;
