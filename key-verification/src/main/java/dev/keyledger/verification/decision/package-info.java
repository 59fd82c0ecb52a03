/**
 * Permissions, IP lists, and the decision whether a presented key is valid. Pure functions: no
 * index, no clock, no I/O.
 */
@NullMarked
package dev.keyledger.verification.decision;

import org.jspecify.annotations.NullMarked;
