/**
 * Keyledger's own client and starter, and clients generated from the OpenAPI document, whose
 * sources are in {@code src/test/clients}.
 */
@NullMarked
package dev.keyledger.standalone.clients;

import org.jspecify.annotations.NullMarked;
