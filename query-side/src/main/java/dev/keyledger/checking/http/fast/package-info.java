/**
 * The fast listener: verification only, on its own port and event loops. It shares everything from
 * the request to the answer with the main port. Only Spring's wiring and {@link
 * dev.keyledger.checking.http.extauthz}, whose port has the same transport, import this package.
 */
@NullMarked
package dev.keyledger.checking.http.fast;

import org.jspecify.annotations.NullMarked;
