/**
 * The log as Axon sees it: an engine that appends once for each command and loads one aggregate,
 * and where a command's origin travels.
 *
 * <p>Only the composition of the sides and the command side's {@code axon} packages use it.
 */
@NullMarked
package dev.keyledger.log.axon;

import org.jspecify.annotations.NullMarked;
