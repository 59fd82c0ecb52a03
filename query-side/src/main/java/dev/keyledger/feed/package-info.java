/** The events of a workspace as this node applies them, for followers. */
@NullMarked
package dev.keyledger.feed;

import org.jspecify.annotations.NullMarked;
