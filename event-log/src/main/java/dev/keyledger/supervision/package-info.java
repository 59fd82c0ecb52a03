/**
 * The essential threads of a node. All of Keyledger's own long-lived threads are started here.
 *
 * @see dev.keyledger.supervision.SupervisedThread
 */
@NullMarked
package dev.keyledger.supervision;

import org.jspecify.annotations.NullMarked;
