/**
 * The life of a key: its commands, and the one place that decides whether they are executed. Pure:
 * no clock, no I/O, no framework.
 */
@NullMarked
package dev.keyledger.lifecycle;

import org.jspecify.annotations.NullMarked;
