/** The lists of keys, over HTTP. */
@NullMarked
package dev.keyledger.directory.http;

import org.jspecify.annotations.NullMarked;
