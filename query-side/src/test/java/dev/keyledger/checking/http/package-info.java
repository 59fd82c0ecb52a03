/** Verification over HTTP, filed by outcome. */
@NullMarked
package dev.keyledger.checking.http;

import org.jspecify.annotations.NullMarked;
