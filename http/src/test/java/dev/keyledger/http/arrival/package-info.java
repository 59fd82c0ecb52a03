/** Tests of how requests arrive. */
@NullMarked
package dev.keyledger.http.arrival;

import org.jspecify.annotations.NullMarked;
