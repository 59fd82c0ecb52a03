/**
 * The directory of keys: the projection that lists of keys are read from.
 *
 * <p>The package {@code http} uses it. It depends on the projections' tables and the fold of
 * events.
 */
@NullMarked
package dev.keyledger.directory;

import org.jspecify.annotations.NullMarked;
