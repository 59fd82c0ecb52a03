/**
 * Reading and authorizing requests. {@link dev.keyledger.http.request.ApiCall} is what controllers
 * get: it reads a request in the order of the contract. Domain packages never import it.
 */
@NullMarked
package dev.keyledger.http.request;

import org.jspecify.annotations.NullMarked;
