/**
 * The Java client of Keyledger. {@link dev.keyledger.client.Keyledger} is the entry point. Needs
 * the JDK alone, Java 17 or later.
 */
@NullMarked
package dev.keyledger.client;

import org.jspecify.annotations.NullMarked;
