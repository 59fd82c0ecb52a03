/**
 * The linearizability of one key under several clients: a second, independent model of a key's
 * life, a checker, and a test of both against real nodes.
 */
@NullMarked
package dev.keyledger.standalone.linearizability;

import org.jspecify.annotations.NullMarked;
