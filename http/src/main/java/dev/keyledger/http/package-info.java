/**
 * The form of requests and responses on both sides: problems, strict JSON, request ids, the OpenAPI
 * document and the key resource. Domain packages never import it.
 */
@NullMarked
package dev.keyledger.http;

import org.jspecify.annotations.NullMarked;
