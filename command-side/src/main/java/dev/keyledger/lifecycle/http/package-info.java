/** The REST commands of a key's life, and their wiring. */
@NullMarked
package dev.keyledger.lifecycle.http;

import org.jspecify.annotations.NullMarked;
