/**
 * The decision whether a presented key is valid, from its state and its conditions. Pure functions:
 * no index, no clock, no I/O.
 */
@NullMarked
package dev.keyledger.verification.decision;

import org.jspecify.annotations.NullMarked;
