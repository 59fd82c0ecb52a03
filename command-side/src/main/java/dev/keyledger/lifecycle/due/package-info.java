/**
 * What falls due on keys as time passes: the list of due times, and the sweep that records what is
 * due by a command. Nothing that a check depends on happens here.
 *
 * <p>Package {@code command} calls it. It uses neither Spring nor Axon.
 */
@NullMarked
package dev.keyledger.lifecycle.due;

import org.jspecify.annotations.NullMarked;
