/**
 * Our own client and starter, and clients that others generate from the OpenAPI document, whose
 * sources are in {@code src/test/clients}.
 */
@NullMarked
package dev.keyledger.standalone.clients;

import org.jspecify.annotations.NullMarked;
