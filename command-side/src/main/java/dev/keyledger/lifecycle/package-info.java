/**
 * The life of a key: the orders that can be given, and the one place where it is decided whether
 * they are carried out. Pure: no clock, no I/O, no framework.
 */
@NullMarked
package dev.keyledger.lifecycle;

import org.jspecify.annotations.NullMarked;
