/**
 * The log as seen by Axon: a storage engine that appends once per command and loads one aggregate,
 * and the origin of a command in its metadata.
 *
 * <p>Only the wiring of the sides and the command side's {@code axon} packages use it.
 */
@NullMarked
package dev.keyledger.log.axon;

import org.jspecify.annotations.NullMarked;
