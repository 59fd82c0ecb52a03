/**
 * Serves the files of the web console and of the holders' page. The pages use only the public
 * interface, so this package knows neither keys nor callers. Only the query side uses it.
 *
 * @see ConsoleControllerTest
 */
@NullMarked
package dev.keyledger.console.http;

import org.jspecify.annotations.NullMarked;
