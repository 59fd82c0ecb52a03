@NullMarked
package dev.keyledger.feed.http;

import org.jspecify.annotations.NullMarked;
