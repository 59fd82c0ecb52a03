/**
 * What both HTTP faces share: the order of checks, problems, strict JSON, request ids, the key
 * resource, and the node's wiring. Domain packages never import it.
 */
@NullMarked
package dev.keyledger.access.http;

import org.jspecify.annotations.NullMarked;
