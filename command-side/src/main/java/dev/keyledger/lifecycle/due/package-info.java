/**
 * The changes that fall due on keys as time passes: the list of due times, and the sweep that
 * records due changes by a command. No check depends on this package.
 *
 * <p>Package {@code command} calls it. It uses neither Spring nor Axon.
 */
@NullMarked
package dev.keyledger.lifecycle.due;

import org.jspecify.annotations.NullMarked;
