/** The live feed, over HTTP as server-sent events. */
@NullMarked
package dev.keyledger.feed.http;

import org.jspecify.annotations.NullMarked;
