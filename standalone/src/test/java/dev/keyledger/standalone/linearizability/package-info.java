/**
 * Whether what several clients were told about one key fits into one order of their requests: a
 * model of a key's life written down once more, a checker, and a test of both against real nodes.
 */
@NullMarked
package dev.keyledger.standalone.linearizability;

import org.jspecify.annotations.NullMarked;
