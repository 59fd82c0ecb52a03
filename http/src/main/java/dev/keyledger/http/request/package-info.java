/**
 * Reading and authorizing requests. Controllers get an {@link dev.keyledger.http.request.ApiCall},
 * which reads a request in the order of the contract. Domain packages never import it.
 */
@NullMarked
package dev.keyledger.http.request;

import org.jspecify.annotations.NullMarked;
