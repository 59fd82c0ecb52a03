/** Tests of the form of requests and responses. */
@NullMarked
package dev.keyledger.http;

import org.jspecify.annotations.NullMarked;
