/**
 * The threads that a node cannot do without. All long-lived threads of Keyledger's own are started
 * here.
 *
 * @see dev.keyledger.supervision.SupervisedThread
 */
@NullMarked
package dev.keyledger.supervision;

import org.jspecify.annotations.NullMarked;
