@NullMarked
package dev.keyledger.feed;

import org.jspecify.annotations.NullMarked;
