/** Tests of the fast listener's parts. */
@NullMarked
package dev.keyledger.checking.http.fast;

import org.jspecify.annotations.NullMarked;
