/**
 * Which keys there are: the projection that lists of keys are read from.
 *
 * <p>Its faces in {@code http} use it; it uses the projections' tables and the fold of events.
 */
@NullMarked
package dev.keyledger.directory;

import org.jspecify.annotations.NullMarked;
