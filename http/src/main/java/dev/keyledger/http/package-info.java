/**
 * The form of requests and responses on either side: the order of checks, problems, strict JSON,
 * request ids and the key resource. Domain packages never import it.
 */
@NullMarked
package dev.keyledger.http;

import org.jspecify.annotations.NullMarked;
