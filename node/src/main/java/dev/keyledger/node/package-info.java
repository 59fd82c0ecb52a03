/**
 * The process of a node: configuration, clock, snapshots, health and metrics. Only the applications
 * use it.
 */
@NullMarked
package dev.keyledger.node;

import org.jspecify.annotations.NullMarked;
