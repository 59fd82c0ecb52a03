/** The events of a workspace as this node applies them, for those who follow them. */
@NullMarked
package dev.keyledger.feed;

import org.jspecify.annotations.NullMarked;
