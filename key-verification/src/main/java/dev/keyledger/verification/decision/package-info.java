/**
 * What permissions and IP lists mean, and whether a presented key is valid. Pure functions: no
 * index, no clock, no I/O.
 */
@NullMarked
package dev.keyledger.verification.decision;

import org.jspecify.annotations.NullMarked;
